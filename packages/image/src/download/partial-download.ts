import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hostFileError } from '../disk/host-file-error.js';
import { readSegments } from '../disk/file-segment.js';
import { ImageError } from '../image-error.js';

/** What is known of the file that is being downloaded; JSON beside it. */
export interface DownloadIdentity {
  /** SHA-256 of the URL, hex: a URL may hold tokens. */
  readonly urlKey: string;
  /** Strong entity tag, else the date of the last change: what `If-Range` takes (RFC 9110 §13.1.5). */
  readonly validator: string | undefined;
  /** Length of the whole file in bytes. */
  readonly sizeBytes: number | undefined;
}

/**
 * The part of a download that is there, in `<path>` with a description in `<path>.json`; it outlives the process, so that
 * the next one goes on. Only for the holder of the download's lock.
 */
export class PartialDownload implements AsyncDisposable {
  #hash: Hash = createHash('sha256');
  #length = 0;
  #pieces = 0;
  #identity: DownloadIdentity | undefined;

  private constructor(
    readonly path: string,
    private readonly file: FileHandle,
  ) {}

  /** Opens what an earlier run left, or begins. @throws ImageError `IMAGE_WRITE_FAILED`, `IMAGE_HOST_NO_SPACE`. */
  static async open(path: string, signal: AbortSignal): Promise<PartialDownload> {
    let file: FileHandle;
    try {
      file = await open(path, 'a+', 0o600).then(async (made) => {
        await made.close();
        return open(path, 'r+'); // `a+` creates without truncating, but writes only at the end
      });
    } catch (error) {
      throw hostFileError(error, path, 'write');
    }
    const partial = new PartialDownload(path, file);
    try {
      await file.chmod(0o600);
      await partial.#load(signal);
      return partial;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** How much is there, in bytes. */
  get length(): number {
    return this.#length;
  }

  get identity(): DownloadIdentity | undefined {
    return this.#identity;
  }

  /** Whether it was put together from several answers. */
  get isPatched(): boolean {
    return this.#pieces > 1;
  }

  /** SHA-256 of what is there, hex. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }

  /** Forgets everything that is there. */
  async restart(): Promise<void> {
    await this.file.truncate(0);
    this.#hash = createHash('sha256');
    this.#length = 0;
    this.#pieces = 0;
  }

  /**
   * Notes what the next bytes belong to.
   *
   * @throws ImageError `IMAGE_HOST_NO_SPACE` when the rest does not fit, as far as the system tells.
   */
  async begin(identity: DownloadIdentity): Promise<void> {
    this.#identity = identity;
    this.#pieces += 1;
    try {
      await writeFile(`${this.path}.json`, JSON.stringify(identity), { mode: 0o600 });
    } catch (error) {
      throw hostFileError(error, `${this.path}.json`, 'write');
    }
    const free = await statfs(dirname(this.path)).then(
      ({ bavail, bsize }) => bavail * bsize,
      () => undefined,
    );
    const missing = (identity.sizeBytes ?? 0) - this.#length;
    if (free !== undefined && missing > free)
      throw new ImageError(
        'IMAGE_HOST_NO_SPACE',
        `The download needs ${missing} bytes more in ${dirname(this.path)}, and ${free} are free`,
      );
  }

  /** Appends bytes. @throws ImageError `IMAGE_HOST_NO_SPACE`, `IMAGE_WRITE_FAILED`. */
  async append(bytes: Buffer): Promise<void> {
    try {
      for (let done = 0; done < bytes.length;) {
        const rest = bytes.length - done;
        done += (await this.file.write(bytes, done, rest, this.#length + done)).bytesWritten;
      }
    } catch (error) {
      throw hostFileError(error, this.path, 'write');
    }
    this.#hash.update(bytes);
    this.#length += bytes.length;
  }

  /** Gives it its final name, durably. */
  async commit(path: string): Promise<void> {
    try {
      await this.file.sync();
      await rename(this.path, path);
      await rm(`${this.path}.json`, { force: true });
    } catch (error) {
      throw hostFileError(error, path, 'write');
    }
  }

  /** Removes it. */
  async remove(): Promise<void> {
    await rm(this.path, { force: true });
    await rm(`${this.path}.json`, { force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.file.close();
  }

  async #load(signal: AbortSignal): Promise<void> {
    const { size } = await this.file.stat();
    this.#identity = await readIdentity(`${this.path}.json`);
    if (size === 0) return;
    if (this.#identity === undefined) return this.restart(); // of what, nobody knows
    const range = { file: this.file, path: this.path, offset: 0, length: size };
    for await (const chunk of readSegments([range], signal)) this.#hash.update(chunk);
    this.#length = size;
    this.#pieces = 1;
  }
}

async function readIdentity(path: string): Promise<DownloadIdentity | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (typeof value !== 'object' || value === null) return undefined;
    const { urlKey, validator, sizeBytes } = value as Record<string, unknown>;
    if (typeof urlKey !== 'string') return undefined;
    return {
      urlKey,
      validator: typeof validator === 'string' ? validator : undefined,
      sizeBytes: Number.isSafeInteger(sizeBytes) ? (sizeBytes as number) : undefined,
    };
  } catch {
    return undefined; // nothing there, or damaged
  }
}
