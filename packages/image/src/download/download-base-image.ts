import { mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BaseImageSource } from './base-image-source.js';
import { ProcessLock, type Progress } from '@turingpi/foundation';
import type { Dispatcher } from 'undici';
import { DOWNLOADS } from '../cache/cache-folders.js';
import { hostFileError } from '../disk/host-file-error.js';
import { ImageError } from '../image-error.js';
import { DownloadLocation, parseSha256 } from './download-location.js';
import { downloadedFiles } from './downloaded-files.js';
import { fetchDigest } from './fetch-digest.js';
import { imageExtension } from './image-extension.js';
import { PartialDownload } from './partial-download.js';
import { transferFile, type TransferOptions } from './transfer-file.js';

/** A base image by its address, with the digest that it must have. */
export type DownloadSource = Exclude<BaseImageSource, string>;

export interface DownloadOptions {
  readonly cacheDir: string;
  readonly signal: AbortSignal;
  readonly progress?: (progress: Progress) => void;
  /** How the digest of a file that was downloaded earlier is found, hex. Default: it is read. */
  readonly digest?: (path: string) => Promise<string>;
  /**
   * How connections are made. Default: directly, or by the proxies that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name.
   *
   * @remarks undici, because `fetch` of Node 20 knows no proxies; undici is the client inside Node, as a package.
   */
  readonly dispatcher?: Dispatcher;
  /** Pause after a failed attempt, doubling. Default 500 ms. */
  readonly retryDelayMs?: number;
  /** A connection that says nothing for this long is cut. Default 60 s. */
  readonly idleTimeoutMs?: number;
}

/** A base image in the cache, with the digest that was asked for. */
export interface DownloadedImage {
  readonly path: string;
  readonly sha256: string;
  /** It was there already. */
  readonly known: boolean;
}

/**
 * Brings a base image into the cache: `downloads/<sha256>.<ext>`, found there by every later run.
 *
 * @remarks An interrupted download goes on where it was cut, also in another process; of several processes that want one
 * file, one downloads it. Credentials in the URL go to its own host only, and show nowhere.
 * @throws ImageError `IMAGE_DOWNLOAD_…`, `IMAGE_TOO_LARGE`, `IMAGE_HOST_NO_SPACE`, `IMAGE_WRITE_FAILED`; the reason of the
 * signal. A file with another digest than the one asked for is removed.
 */
export async function downloadBaseImage(
  source: DownloadSource,
  options: DownloadOptions,
): Promise<DownloadedImage> {
  const { signal, progress } = options;
  signal.throwIfAborted();
  const location = DownloadLocation.parse(source.url);
  const dispatcher = options.dispatcher ?? (await environmentProxies());
  const transfer: TransferOptions = {
    signal,
    dispatcher,
    retryDelayMs: options.retryDelayMs ?? 500,
    idleTimeoutMs: options.idleTimeoutMs ?? 60_000,
    ...(progress === undefined ? {} : { progress }),
  };
  try {
    const sha256 =
      'sha256' in source
        ? parseSha256(source.sha256)
        : await fetchDigest(source.sha256Url, location.fileName, transfer);
    return await new ImageDownload(location, sha256, options, transfer).run();
  } finally {
    if (dispatcher !== options.dispatcher) await dispatcher.destroy();
  }
}

/**
 * Where a base image will be once it is downloaded: whoever has it from elsewhere puts it there.
 *
 * @param source - with the digest itself, not with the address of one
 * @throws ImageError `IMAGE_DOWNLOAD_URL`
 */
export function placeOfDownload(
  source: Extract<DownloadSource, { readonly sha256: string }>,
  cacheDir: string,
): { readonly sha256: string; readonly path: string } {
  const sha256 = parseSha256(source.sha256);
  const { fileName } = DownloadLocation.parse(source.url);
  return { sha256, path: join(cacheDir, DOWNLOADS, `${sha256}${imageExtension(fileName)}`) };
}

class ImageDownload {
  readonly #directory: string;

  constructor(
    private readonly location: DownloadLocation,
    private readonly sha256: string,
    private readonly options: DownloadOptions,
    private readonly transfer: TransferOptions,
  ) {
    this.#directory = join(options.cacheDir, DOWNLOADS);
  }

  async run(): Promise<DownloadedImage> {
    const { signal } = this.options;
    await this.#makeDirectory();
    const known = await this.#findKnown();
    if (known !== undefined) return known;
    const base = join(this.#directory, this.sha256);
    await using lock = await ProcessLock.acquire(base, {
      signal,
      onWait: () =>
        this.options.progress?.({ activity: 'download', note: 'another process is downloading it' }),
      unusable: (cause) => hostFileError(cause, base, 'write'),
    });
    try {
      return (await this.#findKnown()) ?? (await this.#download(base, AbortSignal.any([signal, lock.lost])));
    } catch (error) {
      if (lock.lost.aborted && !signal.aborted)
        throw new ImageError('IMAGE_WRITE_FAILED', `another process took over the download to ${base}`, {
          cause: error,
          hint: 'This computer was suspended or very busy. Run again.',
        });
      throw error;
    }
  }

  async #makeDirectory(): Promise<void> {
    try {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw hostFileError(error, this.#directory, 'write');
    }
  }

  /** What an earlier run downloaded, its digest compared; a damaged file is removed. */
  async #findKnown(): Promise<DownloadedImage | undefined> {
    for (const { path, isRight } of await downloadedFiles(this.sha256, this.options)) {
      if (isRight) {
        await this.#noteUse();
        return { path, sha256: this.sha256, known: true };
      }
      await rm(path, { force: true });
    }
    return undefined;
  }

  async #download(base: string, signal: AbortSignal): Promise<DownloadedImage> {
    await using partial = await PartialDownload.open(`${base}.partial`, signal);
    const transfer = { ...this.transfer, signal };
    await this.#transfer(partial, transfer);
    if (partial.digest() !== this.sha256 && partial.isPatched) {
      // Put together from pieces of which some may be of an older file, or lost in a power cut: once more in one.
      await partial.restart();
      await this.#transfer(partial, transfer);
    }
    const actual = partial.digest();
    if (actual !== this.sha256) {
      await partial.remove();
      throw new ImageError(
        'IMAGE_DOWNLOAD_DIGEST',
        `${this.location.shown} has the SHA-256 ${actual}, expected is ${this.sha256}; it was not kept`,
        {
          details: { expected: this.sha256, actual },
        },
      );
    }
    const path = `${base}${imageExtension(this.location.fileName)}`;
    await partial.commit(path);
    await this.#noteUse();
    return { path, sha256: this.sha256, known: false };
  }

  async #transfer(partial: PartialDownload, transfer: TransferOptions): Promise<void> {
    try {
      await transferFile(this.location, partial, transfer);
    } catch (error) {
      if (partial.length === 0) await partial.remove(); // nothing came: nothing is left
      throw error;
    }
  }

  /** Tells the cache where the file is from and when it was used last, without changing the file's own times. */
  async #noteUse(): Promise<void> {
    const note = join(this.#directory, `${this.sha256}.json`);
    const now = new Date();
    try {
      await utimes(note, now, now);
    } catch {
      await writeFile(note, JSON.stringify({ url: this.location.shown }), { mode: 0o600 }).catch(
        () => undefined, // only a remark
      );
    }
  }
}

/** Goes through the proxies that the environment names. */
async function environmentProxies(): Promise<Dispatcher> {
  const { EnvHttpProxyAgent } = await import('undici'); // as large as all of this package, and seldom needed
  return new EnvHttpProxyAgent();
}
