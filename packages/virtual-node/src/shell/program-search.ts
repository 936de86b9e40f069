import { basename } from 'node:path/posix';
import type { NodeFiles } from '../system/node-files.js';

/** Where programs are looked for first: what an administrator put there. */
export const LOCAL_PATH = ['/usr/local/sbin', '/usr/local/bin'];
/** Where the system's own programs are; those that are simulated come before the files there. */
export const SYSTEM_PATH = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** The first executable file of that name. */
export async function findProgram(
  files: NodeFiles,
  name: string,
  directories: readonly string[],
): Promise<string | undefined> {
  if (name === '' || name === '.' || name === '..') return undefined;
  for (const directory of directories) {
    const stat = await files.stat(`${directory}/${name}`).catch(() => undefined);
    if (stat?.type === 'file' && (stat.mode & 0o111) !== 0) return `${directory}/${name}`;
  }
  return undefined;
}

/** Whether a path is one at which the system itself has its programs. */
export function isSystemProgram(file: string): boolean {
  return SYSTEM_PATH.some((directory) => file === `${directory}/${basename(file)}`);
}
