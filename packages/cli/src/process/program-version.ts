import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PROGRAM_DIR } from './program-dir.js';

/** The version of this command. */
export function programVersion(): string {
  const manifest = readFileSync(path.join(PROGRAM_DIR, 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
