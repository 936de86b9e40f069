import { access, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CleanupStack, ProcessLock, type Progress } from '@turingpi/foundation';
import { BASES } from '../cache/cache-folders.js';
import { hostFileError } from '../disk/host-file-error.js';
import type { FileRange } from '../disk/file-segment.js';
import type { RawDisk } from '../disk/raw-disk.js';
import { sha256OfSegments } from '../disk/segment-digest.js';
import { ImageError } from '../image-error.js';
import { openXzDisk } from '../xz/open-xz-disk.js';
import { XZ_PIECE_BYTES, type XzDisk } from '../xz/xz-disk.js';
import { AtomicFile } from '../output/atomic-file.js';
import { defaultXzCodec } from '../xz/choose-xz-codec.js';
import type { XzCodec } from '../xz/xz-codec.js';

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
 * @remarks One process converts, the others wait for it.
 * @param file - The file as it is; its digest is the key.
 * @param chunks - Opens the decompressed content.
 * @throws ImageError `IMAGE_HOST_NO_SPACE`, `IMAGE_WRITE_FAILED`, `IMAGE_SOURCE_CHANGED`, what reading the content throws.
 */
export async function openConvertedBase(
  file: RawDisk,
  chunks: () => AsyncIterable<Buffer>,
  options: ConvertOptions,
): Promise<XzDisk> {
  const { signal, cacheDir, progress } = options;
  const codec = options.codec ?? (await defaultXzCodec());
  const digest = await digestWithProgress(file.segment(), options);
  const path = join(cacheDir, BASES, `${digest}.img.xz`);
  const known = await openKnown(path, cacheDir, codec, signal);
  if (known) {
    await file.watch?.assertUnchanged(); // else it is the converted form of something else
    return known;
  }
  await makeDirectory(dirname(path));
  await using cleanup = new CleanupStack();
  const onWait = (): void => progress?.({ activity: 'wait', note: 'another run converts this image' });
  const unusable = (cause: unknown): Error => hostFileError(cause, path, 'write');
  cleanup.use(`let go of ${path}`, await ProcessLock.acquire(path, { signal, onWait, unusable }));
  const madeMeanwhile = await openKnown(path, cacheDir, codec, signal);
  if (madeMeanwhile) return madeMeanwhile;
  await convert(file, digest, chunks(), path, codec, options);
  return await openXzDisk(path, { cacheDir, codec, signal });
}

async function convert(
  file: RawDisk,
  digest: string,
  chunks: AsyncIterable<Buffer>,
  path: string,
  codec: XzCodec,
  options: ConvertOptions,
): Promise<void> {
  const { signal } = options;
  await using target = await AtomicFile.create(path);
  try {
    await codec.encodeToFile(withProgress(chunks, options.progress), target.handle, {
      check: 'crc64',
      blockBytes: 2 * XZ_PIECE_BYTES, // the largest that count as small: touched ones are not cut again
      threads: ENCODE_THREADS,
      signal,
    });
  } catch (error) {
    signal.throwIfAborted();
    throw await explain(file, hostFileError(error, path, 'write'));
  }
  // Under this name goes what has this digest. Times tell of most changes; where they do not, the content does.
  await file.watch?.assertUnchanged();
  if ((await sha256OfSegments([file.segment()], signal)) !== digest)
    throw new ImageError('IMAGE_SOURCE_CHANGED', `${file.path} was changed while it was converted`);
  await target.commit();
}

async function explain(file: RawDisk, error: unknown): Promise<unknown> {
  return (await file.watch?.explain(error)) ?? error;
}

async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw hostFileError(error, path, 'write');
  }
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
