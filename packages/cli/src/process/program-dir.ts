import path from 'node:path';

/** The CLI's own package folder: its dependencies are the plugins it brings. */
export const PROGRAM_DIR = path.resolve(import.meta.dirname, '../..');
