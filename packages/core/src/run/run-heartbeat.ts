import { randomBytes } from 'node:crypto';
import { closeSync, openSync, rmSync, statSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { isGone, isOfThisComputer, type ProcessIdentity } from '@turingpi/foundation';
import { heartbeatFileOf, runFileOf } from './run-files.js';

/** Between two signs of life, in milliseconds. */
export const HEARTBEAT_MS = 10_000;
/** A run that has missed so many has died. */
const MISSED = 6;

/**
 * Gives signs of life of a run until it is disposed, for other computers, which cannot ask its process: something is
 * written into a file of its own, so that the time of that changes.
 *
 * @remarks Never throws: a run goes on without.
 */
export class RunHeartbeat implements Disposable {
  readonly #file: string;
  readonly #timer: NodeJS.Timeout;
  #descriptor: number | undefined;

  /** @param directory - of the runs; it exists as soon as something was written about the run */
  constructor(directory: string, id: string) {
    this.#file = heartbeatFileOf(directory, id);
    this.#beat();
    this.#timer = setInterval(() => this.#beat(), HEARTBEAT_MS).unref();
  }

  /** Ends them, and removes the file. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    if (this.#descriptor === undefined) return;
    closeSync(this.#descriptor);
    rmSync(this.#file, { force: true });
  }

  #beat(): void {
    try {
      this.#descriptor ??= openSync(this.#file, 'wx', 0o600);
      writeSync(this.#descriptor, '.', 0); // always the same byte: a full disk has room for it
    } catch {
      // What is added to the file of the run is a sign as well.
    }
  }
}

/** Whether the process of a run on this computer is gone, or, of a run on another one, has given no sign for its time. */
export async function hasDied(
  directory: string,
  id: string,
  { owner, heartbeatMs }: { readonly owner: ProcessIdentity; readonly heartbeatMs: number | undefined },
): Promise<boolean> {
  if (await isOfThisComputer(owner)) return isGone(owner);
  if (heartbeatMs === undefined) return false; // an earlier version gave none
  const last = Math.max(timeOf(runFileOf(directory, id)), timeOf(heartbeatFileOf(directory, id)));
  return timeIn(directory) - last > heartbeatMs * MISSED;
}

function timeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** What time it is for the file system, whose clock both times are of: ours may be another. */
function timeIn(directory: string): number {
  const file = path.join(directory, `.now.${randomBytes(6).toString('hex')}`);
  try {
    writeFileSync(file, '.', { flag: 'wx', mode: 0o600 });
    const { mtimeMs } = statSync(file);
    unlinkSync(file);
    return mtimeMs;
  } catch {
    return Date.now(); // nothing may be written here
  }
}
