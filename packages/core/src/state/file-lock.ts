import { type LockHolder, ProcessLock } from '@turingpi/foundation';
import { StateError } from '../errors/state-error.js';

/** How long another process may go without a sign of life before its lock is taken over, in milliseconds. */
const STALE_MS = 5000;

/** A change of the state takes milliseconds: who holds the lock for so long is stuck. */
const LONGEST_WAIT_MS = 15_000;

/** The lock of a state file, as state errors: a {@link ProcessLock} held until it is disposed. */
export class FileLock implements AsyncDisposable {
  private constructor(
    private readonly file: string,
    private readonly lock: ProcessLock,
  ) {}

  /**
   * Waits for the lock, up to about 15 seconds. The file need not exist; its directory must.
   *
   * @throws StateError `STATE_LOCKED` when another process keeps it, `STATE_WRITE_FAILED` when it cannot be made.
   */
  static async acquire(file: string, waitMs = LONGEST_WAIT_MS): Promise<FileLock> {
    const lock = await ProcessLock.acquire(file, {
      staleMs: STALE_MS,
      limit: { waitMs, refused: (holder) => lockedByOther(file, holder) },
      unusable: (cause) => notLockable(file, cause),
    });
    return new FileLock(file, lock);
  }

  /** @throws StateError `STATE_LOCKED` when another process took the lock over, because this one was suspended. */
  assertHeld(): void {
    if (this.lock.isOurs()) return;
    throw new StateError('STATE_LOCKED', `the lock of the state file ${this.file} was lost`, {
      cause: this.lock.lost.reason,
      hint: 'This machine was suspended or very busy. Run again.',
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lock[Symbol.asyncDispose]();
  }
}

function notLockable(file: string, cause: unknown): StateError {
  return new StateError('STATE_WRITE_FAILED', `the state file ${file} cannot be locked`, {
    cause,
    hint: 'Check that its directory exists and that you may write there.',
  });
}

function lockedByOther(file: string, holder: LockHolder | undefined): StateError {
  const who = holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`;
  return new StateError('STATE_LOCKED', `the state file ${file} is locked by ${who}`, {
    hint: `Wait for the other run to end; if there is none, remove ${file}.lock.`,
  });
}
