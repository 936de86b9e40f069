import { join } from 'node:path';
import { BASES, BLOCKS, DOWNLOADS } from './cache-folders.js';

/** A cache directory and those below it: where dead runs leave temporary files. */
export function cacheDirectories(cacheDir: string): string[] {
  return [cacheDir, ...[DOWNLOADS, BASES, BLOCKS].map((folder) => join(cacheDir, folder))];
}
