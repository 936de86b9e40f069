import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Progress } from '@turingpi/core/plugin';
import { hostFileError } from '../disk/host-file-error.js';
import type { FileRange } from '../disk/file-segment.js';
import { sha256OfSegments } from '../disk/segment-digest.js';
import { openXzDisk } from '../xz/open-xz-disk.js';
import { XZ_PIECE_BYTES, type XzDisk } from '../xz/xz-disk.js';
import { AtomicFile } from '../output/atomic-file.js';
import { defaultXzCodec } from '../xz/choose-xz-codec.js';
import type { XzCodec } from '../xz/xz-codec.js';

/** The directory of converted bases, below the cache directory. */
export const BASES = 'bases';

export interface ConvertOptions {
  readonly cacheDir: string;
  readonly signal: AbortSignal;
  readonly codec?: XzCodec;
  readonly progress?: (progress: Progress) => void;
}

/** Converting a whole image is worth the host's cores. */
const ENCODE_THREADS = 2;

/**
 * Opens an image in a form made for random access: an .xz file of small blocks in the cache, made once for each content.
 *
 * @param file - The file as it is; its digest is the key.
 * @param chunks - Opens the decompressed content.
 * @throws ImageError `IMAGE_HOST_NO_SPACE`, `IMAGE_WRITE_FAILED`, what reading the content throws.
 */
export async function openConvertedBase(
  file: FileRange,
  chunks: () => AsyncIterable<Buffer>,
  options: ConvertOptions,
): Promise<XzDisk> {
  const { signal, cacheDir } = options;
  const codec = options.codec ?? (await defaultXzCodec());
  const digest = await digestWithProgress(file, options);
  const path = join(cacheDir, BASES, `${digest}.img.xz`);
  const known = await openKnown(path, cacheDir, codec, signal);
  if (known) return known;
  await using target = await AtomicFile.create(path);
  try {
    await codec.encodeToFile(withProgress(chunks(), options.progress), target.handle, {
      check: 'crc64',
      blockBytes: 2 * XZ_PIECE_BYTES, // the largest that count as small: touched ones are not cut again
      threads: ENCODE_THREADS,
      signal,
    });
  } catch (error) {
    signal.throwIfAborted();
    throw hostFileError(error, path, 'write');
  }
  await target.commit();
  return await openXzDisk(path, { cacheDir, codec, signal });
}

async function openKnown(
  path: string,
  cacheDir: string,
  codec: XzCodec,
  signal: AbortSignal,
): Promise<XzDisk | undefined> {
  try {
    await access(path);
    return await openXzDisk(path, { cacheDir, codec, signal });
  } catch {
    signal.throwIfAborted();
    return undefined; // not made yet, or damaged: made again
  }
}

async function digestWithProgress(file: FileRange, options: ConvertOptions): Promise<string> {
  let done = 0;
  return sha256OfSegments([file], options.signal, (bytes) => {
    done += bytes;
    options.progress?.({ activity: 'read', done, total: file.length, unit: 'bytes' });
  });
}

async function* withProgress(
  chunks: AsyncIterable<Buffer>,
  progress: ((progress: Progress) => void) | undefined,
): AsyncGenerator<Buffer, void, undefined> {
  let done = 0;
  for await (const chunk of chunks) {
    done += chunk.length;
    progress?.({ activity: 'convert', done, unit: 'bytes', note: 'once for this image' });
    yield chunk;
  }
}
