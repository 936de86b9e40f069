import { rmdir, stat } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import lockfile from 'proper-lockfile';
import { hostFileError } from '../disk/host-file-error.js';
import { LockHolder } from './lock-holder.js';

/** Without a sign of life for this long a lock's holder is taken for dead, in milliseconds. */
const STALE_MS = 10_000;
/** A lock that is nearly stale is left to the library, which may be removing it now. */
const NEARLY_STALE_MS = STALE_MS - 2000;
const LONGEST_PAUSE_MS = 250;

/**
 * The right to download one file, among all processes of this machine.
 *
 * @remarks A holder that died on this computer is recognised at once, any other after 10 s without a sign of life.
 */
export class DownloadLock implements AsyncDisposable {
  readonly #lost = new AbortController();
  readonly #holder: LockHolder;
  #release: (() => Promise<void>) | undefined;

  private constructor(file: string) {
    this.#holder = new LockHolder(file);
  }

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
    const lock = new DownloadLock(file);
    try {
      if ((await lock.#take(file)) || ((await removeOfDead(file)) && (await lock.#take(file)))) return lock;
      return undefined;
    } catch (error) {
      throw hostFileError(error, file, 'write');
    }
  }

  /** Whether somebody living holds the lock of a file. */
  static async isHeld(file: string): Promise<boolean> {
    const lock = await stat(`${file}.lock`).catch(() => undefined);
    if (lock === undefined || Date.now() - lock.mtimeMs >= STALE_MS) return false;
    return !(await new LockHolder(file).isGone());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A lost lock is not ours to remove; one that cannot be removed becomes stale.
    if (this.lost.aborted) return;
    await this.#holder.resign().catch(() => undefined);
    await this.#release?.().catch(() => undefined);
  }

  async #take(file: string): Promise<boolean> {
    const release = await take(file, (error) => {
      this.#lost.abort(error);
    });
    if (release === undefined) return false;
    this.#release = release;
    await this.#holder.claim();
    return true;
  }
}

/** @returns How the lock is given back, or undefined when somebody holds it. */
async function take(
  file: string,
  onCompromised: (error: Error) => void,
): Promise<(() => Promise<void>) | undefined> {
  try {
    return await lockfile.lock(file, {
      realpath: false,
      stale: STALE_MS,
      retries: 0, // the library would retry every error, and cannot be stopped
      onCompromised, // the default ends the whole process
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOCKED') return undefined;
    throw error;
  }
}

/**
 * Removes the lock of a holder that died on this computer; one process at a time, or two would each remove what the
 * other one has just taken.
 */
async function removeOfDead(file: string): Promise<boolean> {
  const holder = new LockHolder(file);
  if (!(await holder.isGone())) return false;
  const release = await take(`${file}.takeover`, () => undefined);
  if (release === undefined) return false;
  try {
    const lock = await stat(`${file}.lock`).catch(() => undefined);
    if (lock === undefined || Date.now() - lock.mtimeMs > NEARLY_STALE_MS) return true;
    if (!(await holder.isGone())) return false; // somebody was faster
    await holder.forget(); // first: what is locked next is not the dead one's
    await rmdir(`${file}.lock`);
    return true;
  } finally {
    await release().catch(() => undefined);
  }
}
