import { dirname } from 'node:path/posix';
import type { CommandCall } from '../shell/command.js';
import { FileFailure } from '../system/file-failure.js';

/** Makes a directory and those above it that are missing; one that is there stays as it is. */
export async function makeParents({ files }: CommandCall, path: string, mode: number): Promise<void> {
  const stat = await files.stat(path).catch(() => undefined);
  if (stat?.type === 'directory') return;
  if (stat !== undefined) throw new FileFailure('EEXIST', path);
  const parents: string[] = [];
  for (let at = dirname(path); at !== '/' && !(await files.exists(at)); at = dirname(at)) parents.unshift(at);
  for (const parent of parents) await files.mkdir(parent, 0o755);
  await files.mkdir(path, mode);
}
