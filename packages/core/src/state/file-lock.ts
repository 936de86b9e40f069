import { setTimeout } from 'node:timers/promises';
import lockfile from 'proper-lockfile';
import { StateError } from '../errors/state-error.js';

/** How long another process may go without a sign of life before its lock is taken over, in milliseconds. */
const STALE_MS = 5000;

/** How often a taken lock is tried, with pauses of half this length on average: together about 15 seconds. */
const ATTEMPTS = 120;
const LONGEST_PAUSE_MS = 250;

/** A lock on a file that every process on this machine respects, held until it is disposed. */
export class FileLock implements AsyncDisposable {
  #lost: Error | undefined;
  #release: (() => Promise<void>) | undefined;

  private constructor(private readonly file: string) {}

  /**
   * Waits for the lock, up to about 15 seconds. The file need not exist; its directory must.
   *
   * @throws StateError `STATE_LOCKED` when another process keeps it, `STATE_WRITE_FAILED` when it cannot be made.
   */
  static async acquire(file: string): Promise<FileLock> {
    const lock = new FileLock(file);
    for (let attempt = 1; ; attempt += 1) {
      try {
        lock.#release = await lockfile.lock(file, {
          realpath: false,
          stale: STALE_MS,
          retries: 0, // the library would retry every error, also that there is no such directory
          // The library's default throws inside a timer and so ends the whole process.
          onCompromised: (error) => {
            lock.#lost = error;
          },
        });
        return lock;
      } catch (cause) {
        if (!isTaken(cause)) throw notLockable(file, cause);
        if (attempt === ATTEMPTS) throw lockedByOther(file, cause);
      }
      await setTimeout(Math.random() * LONGEST_PAUSE_MS); // by chance, or two keep meeting
    }
  }

  /** @throws StateError `STATE_LOCKED` when another process took the lock over, because this one was suspended. */
  assertHeld(): void {
    if (this.#lost === undefined) return;
    throw new StateError('STATE_LOCKED', `the lock of the state file ${this.file} was lost`, {
      cause: this.#lost,
      hint: 'This machine was suspended or very busy. Run again.',
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A lock that was lost is not ours to remove, and whether it could be removed changes nothing for the caller:
    // the next process takes a stale one over.
    if (this.#lost === undefined) await this.#release?.().catch(() => undefined);
  }
}

function isTaken(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ELOCKED';
}

function notLockable(file: string, cause: unknown): StateError {
  return new StateError('STATE_WRITE_FAILED', `the state file ${file} cannot be locked`, {
    cause,
    hint: 'Check that its directory exists and that you may write there.',
  });
}

function lockedByOther(file: string, cause: unknown): StateError {
  return new StateError('STATE_LOCKED', `the state file ${file} is locked by another process`, {
    cause,
    hint: `Wait for the other run to end; if there is none, remove ${file}.lock.`,
  });
}
