import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rmdir, stat, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseProcess, type ProcessIdentity, thisProcess } from '../process/process-identity.js';

/** What somebody has put into a lock's directory: while it is there, the lock is his. */
export interface LockNote {
  /** Its name is given once only, so that whoever removes it removes this claim and no later one. */
  readonly file: string;
  /** Undefined for somebody who has not said yet who he is, or died while saying it. */
  readonly owner: ProcessIdentity | undefined;
  /** ISO 8601: since when, by the clock of its owner; undefined where an earlier version made it. */
  readonly since?: string | undefined;
  /** The last sign of life, by the clock of its owner. */
  readonly touchedMs: number;
}

/**
 * The notes in a lock's directory; undefined when there is no lock. An empty directory counts as the note of somebody who
 * has not said yet who he is.
 */
export async function readNotes(directory: string): Promise<readonly LockNote[] | undefined> {
  try {
    const { mtimeMs } = await stat(directory);
    const names = await readdir(directory);
    if (names.length === 0) return [{ file: directory, owner: undefined, touchedMs: mtimeMs }];
    const notes = await Promise.all(names.map((name) => readNote(path.join(directory, name))));
    return notes.filter((note) => note !== undefined);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw cause;
  }
}

/**
 * Makes a lock's directory with a note of this process in it.
 *
 * @returns The note's file; undefined when somebody else was there.
 */
export async function writeNote(directory: string): Promise<string | undefined> {
  const text = JSON.stringify({ ...(await thisProcess()), since: new Date().toISOString() });
  const note = path.join(directory, randomBytes(8).toString('hex'));
  try {
    await mkdir(directory, { mode: 0o700 });
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return undefined;
    throw cause;
  }
  try {
    await writeFile(note, text, { mode: 0o600, flag: 'wx' });
    // Whoever took the empty directory for that of a dead one may be here as well. Of two notes at least the later one's
    // writer sees both, and goes.
    const names = await readdir(directory);
    if (names.length === 1) return note;
    await removeNote(note);
    return undefined;
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined; // the empty directory was taken for that of a dead one
    await removeNote(note).catch(() => undefined);
    throw cause;
  }
}

/** Removes a note, and the lock with it when it was the only one. */
export async function removeNote(file: string): Promise<void> {
  try {
    await unlink(file);
  } catch (cause) {
    // Somebody was faster. What is there now is not ours.
    if (codeOf(cause) === 'ENOENT') return;
    throw cause;
  }
  await removeEmpty(path.dirname(file));
}

/** Removes a lock's directory unless there is a note in it. */
export async function removeEmpty(directory: string): Promise<void> {
  await rmdir(directory).catch((cause: unknown) => {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(codeOf(cause) ?? '')) throw cause;
  });
}

async function readNote(file: string): Promise<LockNote | undefined> {
  try {
    const [{ mtimeMs }, text] = await Promise.all([stat(file), readFile(file, 'utf8')]);
    return { file, owner: parseProcess(text), since: sinceIn(text), touchedMs: mtimeMs };
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw cause;
  }
}

function sinceIn(text: string): string | undefined {
  const [, since] = /"since":"([\d:.TZ-]{1,30})"/.exec(text) ?? [];
  return since;
}

/** The code of an error of the system. */
export function codeOf(cause: unknown): string | undefined {
  return (cause as NodeJS.ErrnoException).code;
}
