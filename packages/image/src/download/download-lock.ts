import { setTimeout } from 'node:timers/promises';
import lockfile from 'proper-lockfile';
import { hostFileError } from '../disk/host-file-error.js';

/** Without a sign of life for this long a lock's holder is taken for dead, in milliseconds. */
export const DOWNLOAD_LOCK_STALE_MS = 10_000;
const LONGEST_PAUSE_MS = 250;

/** The right to download one file, among all processes of this machine. */
export class DownloadLock implements AsyncDisposable {
  readonly #lost = new AbortController();
  #release: (() => Promise<void>) | undefined;

  /** Fires when another process took the lock over, because this one was suspended for long. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * Waits for the lock as long as somebody living holds it. The file need not exist; its directory must.
   *
   * @param onWait - is told once when somebody else holds it.
   * @throws ImageError `IMAGE_WRITE_FAILED`; the reason of the signal.
   */
  static async acquire(file: string, signal: AbortSignal, onWait: () => void): Promise<DownloadLock> {
    for (let attempt = 1; ; attempt += 1) {
      signal.throwIfAborted();
      const lock = await DownloadLock.tryAcquire(file);
      if (lock !== undefined) return lock;
      if (attempt === 1) onWait();
      await setTimeout(Math.random() * LONGEST_PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** @returns The lock, or undefined when somebody living holds it. @throws ImageError `IMAGE_WRITE_FAILED`. */
  static async tryAcquire(file: string): Promise<DownloadLock | undefined> {
    const lock = new DownloadLock();
    try {
      lock.#release = await lockfile.lock(file, {
        realpath: false,
        stale: DOWNLOAD_LOCK_STALE_MS,
        retries: 0, // the library would retry every error, and cannot be stopped
        onCompromised: (error) => lock.#lost.abort(error), // the default ends the whole process
      });
      return lock;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ELOCKED') return undefined;
      throw hostFileError(error, file, 'write');
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A lost lock is not ours to remove; one that cannot be removed becomes stale.
    if (!this.lost.aborted) await this.#release?.().catch(() => undefined);
  }
}
