import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CleanupStack, thisProcess } from '@turingpi/foundation';
import type { ImageSource } from '../compression/image-source.js';
import { hostFileError } from '../disk/host-file-error.js';
import { OVERLAY_PAGE_BYTES, OverlayDisk } from '../disk/overlay-disk.js';
import { openRawDisk, type RawDisk } from '../disk/raw-disk.js';
import type { OpenImageOptions } from '../engine/image-engine.js';
import { rawChunks } from '../output/raw-chunks.js';
import { writeSparsely } from '../output/write-sparsely.js';
import { BaseDigests, PIECE_BYTES } from './base-digests.js';
import { OWNER_FILE, workingDirectoryName } from './working-directory-name.js';

/**
 * An image as a raw file that a kernel can mount, in a directory of its own in the cache.
 *
 * @remarks The directory (0700) has a temporary name and says in `owner.json` whose it is, so that one left by a killed
 * process is recognised.
 */
export class WorkingCopy implements AsyncDisposable {
  private constructor(
    /** Absolute; mount points are made in it. */
    readonly directory: string,
    readonly disk: RawDisk,
    private readonly source: ImageSource,
    private readonly base: BaseDigests,
    private readonly cleanup: CleanupStack,
  ) {}

  /** @throws ImageError `IMAGE_HOST_NO_SPACE`, `IMAGE_WRITE_FAILED`, `IMAGE_CORRUPT`; the reason of the signal. */
  static async create(source: ImageSource, options: OpenImageOptions): Promise<WorkingCopy> {
    await using cleanup = new CleanupStack();
    const directory = join(resolve(options.cacheDir), await workingDirectoryName());
    const path = join(directory, 'disk.img');
    const base = new BaseDigests();
    try {
      await mkdir(options.cacheDir, { recursive: true, mode: 0o700 });
      await mkdir(directory, { mode: 0o700 });
      cleanup.defer(`remove ${directory}`, () => rm(directory, { recursive: true, force: true }));
      await writeFile(join(directory, OWNER_FILE), JSON.stringify(await thisProcess()), { mode: 0o600 });
      await fill(path, source, base, options);
    } catch (error) {
      throw hostFileError(error, path, 'write');
    }
    const disk = cleanup.use(`close ${path}`, await openRawDisk(path, { writable: true }));
    return new WorkingCopy(directory, disk, source, base, cleanup.move());
  }

  /** What differs from the image that was opened, as an overlay over it; the caller disposes of it. */
  async changes(signal: AbortSignal): Promise<OverlayDisk> {
    const { disk, source } = this;
    const overlay = new OverlayDisk(source.disk, { cacheDir: source.cacheDir });
    try {
      for (let offset = 0, piece = 0; offset < disk.sizeBytes; offset += PIECE_BYTES, piece++) {
        signal.throwIfAborted();
        const bytes = await disk.read(offset, Math.min(PIECE_BYTES, disk.sizeBytes - offset));
        if (this.base.equals(piece, bytes)) continue;
        await putChangedPages(overlay, offset, bytes, await source.disk.read(offset, bytes.length));
      }
      return overlay;
    } catch (error) {
      await overlay[Symbol.asyncDispose]();
      throw error;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.cleanup[Symbol.asyncDispose]();
  }
}

async function fill(
  path: string,
  source: ImageSource,
  base: BaseDigests,
  { signal, progress }: OpenImageOptions,
): Promise<void> {
  await using cleanup = new CleanupStack();
  const file = await open(path, 'wx', 0o600);
  cleanup.defer(`close ${path}`, () => file.close());
  const digested = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of rawChunks(source.disk, undefined, signal)) {
      base.add(chunk);
      yield chunk;
    }
    base.finish();
  };
  const target = {
    write: async (bytes: Uint8Array, position: number) => {
      for (let done = 0; done < bytes.byteLength;)
        done += (await file.write(bytes, done, bytes.byteLength - done, position + done)).bytesWritten;
    },
    truncate: (length: number) => file.truncate(length),
  };
  await writeSparsely(digested(), target, source.disk.sizeBytes, path, progress);
}

async function putChangedPages(overlay: OverlayDisk, at: number, now: Buffer, before: Buffer): Promise<void> {
  for (let from = 0; from < now.length; from += OVERLAY_PAGE_BYTES) {
    const page = now.subarray(from, from + OVERLAY_PAGE_BYTES);
    if (!page.equals(before.subarray(from, from + page.length))) await overlay.write(at + from, page);
  }
}
