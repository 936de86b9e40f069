import type { Progress } from '@turingpi/core/plugin';
import type { ReadableDisk } from '../disk/disk.js';
import { openRawDisk, RawDisk } from '../disk/raw-disk.js';
import { openXzDisk, type XzDisk } from '../disk/xz-disk.js';
import { ImageError } from '../image-error.js';
import { rawChunks } from '../output/raw-chunks.js';
import type { XzCodec } from '../xz/xz-codec.js';
import { openConvertedBase } from './converted-base.js';
import { assertBelievableSize, guardExpansion, MAX_RAW_BYTES } from './expansion-guard.js';
import { CONTAINER_MAGIC_BYTES, recogniseContainer, type ImageContainer } from './image-container.js';
import { unpack } from './unpack.js';

export interface OpenImageDiskOptions {
  /** Where converted bases, pieces of touched blocks and temporary data are kept. */
  readonly cacheDir: string;
  /** Stops opening, and all reading later, when it fires. */
  readonly signal: AbortSignal;
  readonly progress?: (progress: Progress) => void;
  /** Default: the system's `xz`, else `lzma-native`. */
  readonly codec?: XzCodec;
}

/** Blocks larger than this take too long to decode for a few bytes: the image is cut into small ones once. */
const MAX_BLOCK_BYTES = 64 * 1024 * 1024;
/** The smallest thing that can have a partition table and a filesystem. */
const MIN_IMAGE_BYTES = 512;

/** An image file, opened for reading at random, whatever it is packed in. The file itself is never changed. */
export class ImageSource implements AsyncDisposable {
  #xzBase: Promise<XzDisk> | undefined;

  /** Use {@link openImageDisk}. */
  constructor(
    readonly path: string,
    /** What the file was recognised as; for all but `raw` and `xz`, the disk is a converted copy in the cache. */
    readonly container: ImageContainer,
    readonly disk: ReadableDisk & (RawDisk | XzDisk),
    private readonly options: OpenImageDiskOptions,
  ) {}

  get cacheDir(): string {
    return this.options.cacheDir;
  }

  /** The image as .xz with random access: the disk itself, or for a raw image a copy in the cache, made once. */
  async xzBase(): Promise<XzDisk> {
    const disk = this.disk;
    if (!(disk instanceof RawDisk)) return disk;
    return (this.#xzBase ??= openConvertedBase(
      disk.segment(),
      () => rawChunks(disk, undefined, this.options.signal),
      this.options,
    ));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const converted = await this.#xzBase?.catch(() => undefined);
    await converted?.[Symbol.asyncDispose]();
    await this.disk[Symbol.asyncDispose]();
  }
}

/**
 * Opens an image file, recognised by its content: `.img`, `.xz`, `.gz`, `.zst`, `.bz2`, or `.zip` with one image inside.
 *
 * @remarks Everything but a raw image and an .xz of reasonable blocks is converted once into the cache.
 * @throws ImageError `IMAGE_NOT_FOUND`, `IMAGE_UNREADABLE`, `IMAGE_NOT_AN_IMAGE`, `IMAGE_CORRUPT`, `IMAGE_TOO_LARGE`,
 * `IMAGE_UNSUPPORTED_COMPRESSION`, `IMAGE_HOST_NO_SPACE`; the reason of the signal.
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
      file.segment(),
      () => rawChunks(disk, undefined, options.signal),
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
    guardExpansion(unpack(container, file.segment(), options.signal), file.path, file.sizeBytes);
  return openConvertedBase(file.segment(), chunks, options);
}

function assertDiskSize(path: string, sizeBytes: number): void {
  if (sizeBytes < MIN_IMAGE_BYTES) {
    throw new ImageError('IMAGE_NOT_AN_IMAGE', `${path} holds ${sizeBytes} bytes: too few for a disk image`);
  }
}
