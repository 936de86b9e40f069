import { closeSync, constants, fstatSync, lstatSync, openSync, type Stats } from 'node:fs';
import path from 'node:path';
import { isRunId } from './run-id.js';

const WRITABLE_BY_OTHERS = 0o022;
const ENDING = '.jsonl';

/** Where the runs of a cache directory are on file. */
export function runsDirectoryOf(cacheDir: string): string {
  return path.join(cacheDir, 'runs');
}

/** The file of a run. */
export function runFileOf(directory: string, id: string): string {
  return path.join(directory, `${id}${ENDING}`);
}

/** The file by which a run is asked to stop. */
export function cancelFileOf(directory: string, id: string): string {
  return path.join(directory, `${id}.cancel`);
}

/** The file by which a run gives signs of life. */
export function heartbeatFileOf(directory: string, id: string): string {
  return path.join(directory, `${id}.alive`);
}

/** Marks the file of a run as a copy of what another computer tells of it. */
export function copyMarkOf(directory: string, id: string): string {
  return path.join(directory, `${id}.copy`);
}

/** The run that a file of this name is of; undefined for the name of anything else. */
export function runIdOfFile(name: string): string | undefined {
  const id = name.endsWith(ENDING) ? name.slice(0, -ENDING.length) : '';
  return isRunId(id) ? id : undefined;
}

/** Something in the directory is not what this program has made there. */
export class NotOurFile extends Error {}

/** @throws NotOurFile when the directory is a link, or belongs to or can be written by somebody else; what the system says. */
export function assertOurDirectory(directory: string): void {
  const found = lstatSync(directory);
  if (!found.isDirectory()) throw new NotOurFile(`${directory} is no directory`);
  assertOurs(directory, found);
}

/**
 * Opens a file of ours for reading, without following a link and without waiting at a pipe.
 *
 * @returns Its descriptor.
 * @throws NotOurFile; what the system says.
 */
export function openOurFile(file: string): number {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const found = fstatSync(descriptor);
    if (!found.isFile()) throw new NotOurFile(`${file} is no regular file`);
    assertOurs(file, found);
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function assertOurs(file: string, { uid, mode }: Stats): void {
  const user = process.getuid?.();
  if (user === undefined) return; // Windows keeps a user's own directories by other means
  if (uid !== user) throw new NotOurFile(`${file} belongs to user ${uid}`);
  if ((mode & WRITABLE_BY_OTHERS) !== 0) throw new NotOurFile(`${file} can be written by others`);
}
