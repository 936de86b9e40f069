import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { ImageError } from '../image-error.js';
import { hostFileError } from './host-file-error.js';

/** Two changes within this time may leave a file with the same times: the clock of a kernel goes in such steps. */
const CLOCK_STEP_MS = 20;

const FACTS = ['dev', 'ino', 'size', 'mtimeNs', 'ctimeNs'] as const;
type Facts = Pick<BigIntStats, (typeof FACTS)[number]>;

/** An open file that nobody may change while it is used: what was known of it when it was opened must go on being true. */
export class WatchedFile {
  private constructor(
    private readonly file: FileHandle,
    readonly path: string,
    private readonly opened: Facts,
  ) {}

  /** @throws ImageError `IMAGE_UNREADABLE`. */
  static async of(file: FileHandle, path: string): Promise<WatchedFile> {
    const facts = await factsOf(file, path);
    const age = Date.now() - Number(facts.ctimeNs / 1_000_000n);
    if (age < 0 || age >= CLOCK_STEP_MS) return new WatchedFile(file, path, facts);
    await delay(CLOCK_STEP_MS);
    return new WatchedFile(file, path, await factsOf(file, path));
  }

  /**
   * To be called before anything that was made of the file is kept.
   *
   * @throws ImageError `IMAGE_SOURCE_CHANGED` when it was written, replaced or cut since it was opened.
   */
  async assertUnchanged(): Promise<void> {
    if (await this.#isChanged()) throw this.#changed();
  }

  /** What an error is, met while the file was read: `IMAGE_SOURCE_CHANGED` when it changed, else the error itself. */
  async explain(error: unknown): Promise<unknown> {
    if (!(error instanceof ImageError) || error.code === 'IMAGE_SOURCE_CHANGED') return error;
    const isChanged = await this.#isChanged().catch(() => false); // closed meanwhile: nothing to be known
    return isChanged ? this.#changed(error) : error;
  }

  async #isChanged(): Promise<boolean> {
    const now = await factsOf(this.file, this.path);
    return FACTS.some((fact) => now[fact] !== this.opened[fact]);
  }

  #changed(cause?: ImageError): ImageError {
    return new ImageError('IMAGE_SOURCE_CHANGED', `${this.path} was changed while it was in use`, {
      hint: 'Nothing was kept. Run again when nobody writes the file any more.',
      ...(cause === undefined ? {} : { cause }),
    });
  }
}

async function factsOf(file: FileHandle, path: string): Promise<Facts> {
  try {
    return await file.stat({ bigint: true });
  } catch (error) {
    throw hostFileError(error, path, 'read');
  }
}
