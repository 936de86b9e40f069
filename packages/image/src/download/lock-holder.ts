import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { isGone, parseProcess, type ProcessIdentity, thisProcess } from '../leftovers/process-identity.js';

/** Who holds a lock, told beside it in `<file>.lock-holder`: the lock itself only tells that somebody does. */
export class LockHolder {
  readonly #path: string;
  #text: string | undefined;

  /** @param file - What is locked; its lock is `<file>.lock`. */
  constructor(private readonly file: string) {
    this.#path = `${file}.lock-holder`;
  }

  /** Tells that this process holds it. Without it the lock works as well; only a death is noticed later. */
  async claim(owner?: ProcessIdentity): Promise<void> {
    this.#text = JSON.stringify(owner ?? (await thisProcess()));
    await writeFile(this.#path, this.#text, { mode: 0o600 }).catch(() => undefined);
  }

  /** Takes that back, unless somebody else has taken over. */
  async resign(): Promise<void> {
    const told = await readFile(this.#path, 'utf8').catch(() => undefined);
    if (told !== undefined && told === this.#text) await this.forget();
  }

  /** Whoever it was. */
  async forget(): Promise<void> {
    await rm(this.#path, { force: true });
  }

  /**
   * Whether the lock that is there now belongs to a process of this computer that has ended.
   *
   * @remarks A note that is older than the lock was written by somebody before its holder. Where files have no time of
   * birth that cannot be told, and nobody is taken for dead.
   */
  async isGone(): Promise<boolean> {
    try {
      const [note, lock, text] = await Promise.all([
        stat(this.#path),
        stat(`${this.file}.lock`),
        readFile(this.#path, 'utf8'),
      ]);
      if (lock.birthtimeMs === 0 || note.mtimeMs < lock.birthtimeMs) return false;
      const owner = parseProcess(text);
      return owner !== undefined && (await isGone(owner));
    } catch {
      return false; // no note, or no lock any more
    }
  }
}
