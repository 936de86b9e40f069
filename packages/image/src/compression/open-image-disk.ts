import { openRawDisk, type RawDisk } from '../disk/raw-disk.js';
import { openXzDisk } from '../xz/open-xz-disk.js';
import type { XzDisk } from '../xz/xz-disk.js';
import { ImageError } from '../image-error.js';
import { rawChunks } from '../output/raw-chunks.js';
import { openConvertedBase } from './converted-base.js';
import { assertBelievableSize, guardExpansion, MAX_RAW_BYTES } from './expansion-guard.js';
import { lookFirst } from './first-look.js';
import { CONTAINER_MAGIC_BYTES, recogniseContainer, type ImageContainer } from './image-container.js';
import { ImageSource, type OpenImageDiskOptions } from './image-source.js';
import { unpack } from './unpack.js';

/** Blocks larger than this take too long to decode for a few bytes: the image is cut into small ones once. */
const MAX_BLOCK_BYTES = 64 * 1024 * 1024;
/** The smallest thing that can have a partition table and a filesystem. */
const MIN_IMAGE_BYTES = 512;

/**
 * Opens an image file, recognised by its content: `.img`, `.xz`, `.gz`, `.zst`, `.bz2`, or `.zip` with one image inside.
 *
 * @remarks Everything but a raw image and an .xz of reasonable blocks is converted once into the cache.
 * @throws ImageError `IMAGE_NOT_FOUND`, `IMAGE_UNREADABLE`, `IMAGE_NOT_AN_IMAGE`, `IMAGE_CORRUPT`, `IMAGE_TOO_LARGE`,
 * `IMAGE_UNSUPPORTED_COMPRESSION`, `IMAGE_SOURCE_CHANGED`, `IMAGE_HOST_NO_SPACE`; the reason of the signal.
 */
export async function openImageDisk(path: string, options: OpenImageDiskOptions): Promise<ImageSource> {
  options.signal.throwIfAborted();
  const raw = await openRawDisk(path);
  let container: ImageContainer;
  try {
    container = recogniseContainer(await raw.read(0, Math.min(CONTAINER_MAGIC_BYTES, raw.sizeBytes)));
    if (container === 'raw') {
      assertDiskSize(path, raw.sizeBytes);
      return new ImageSource(path, container, raw, options);
    }
  } catch (error) {
    await raw[Symbol.asyncDispose]();
    throw error;
  }
  await using file = raw;
  const disk = container === 'xz' ? await openXz(file, options) : await openPacked(file, container, options);
  try {
    assertDiskSize(path, disk.sizeBytes);
    return new ImageSource(path, container, disk, options);
  } catch (error) {
    await disk[Symbol.asyncDispose]();
    throw error;
  }
}

async function openXz(file: RawDisk, options: OpenImageDiskOptions): Promise<XzDisk> {
  const disk = await openXzDisk(file.path, options);
  try {
    if (disk.sizeBytes > MAX_RAW_BYTES) assertBelievableSize(file.path, disk.sizeBytes, file.sizeBytes);
    if (disk.layout.blocks.every(({ rawBytes }) => rawBytes <= MAX_BLOCK_BYTES)) return disk;
    assertBelievableSize(file.path, disk.sizeBytes, file.sizeBytes);
    const converted = await openConvertedBase(
      file,
      () => lookFirst(rawChunks(disk, undefined, options.signal), file.path),
      options,
    );
    await disk[Symbol.asyncDispose]();
    return converted;
  } catch (error) {
    await disk[Symbol.asyncDispose]();
    throw error;
  }
}

function openPacked(
  file: RawDisk,
  container: Exclude<ImageContainer, 'raw' | 'xz'>,
  options: OpenImageDiskOptions,
): Promise<XzDisk> {
  const chunks = (): AsyncIterable<Buffer> =>
    lookFirst(
      guardExpansion(unpack(container, file.segment(), options), file.path, file.sizeBytes),
      file.path,
    );
  return openConvertedBase(file, chunks, options);
}

function assertDiskSize(path: string, sizeBytes: number): void {
  if (sizeBytes < MIN_IMAGE_BYTES) {
    throw new ImageError('IMAGE_NOT_AN_IMAGE', `${path} holds ${sizeBytes} bytes: too few for a disk image`);
  }
}
