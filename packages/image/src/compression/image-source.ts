import type { Progress } from '@turingpi/foundation';
import { RawDisk } from '../disk/raw-disk.js';
import type { XzDisk } from '../xz/xz-disk.js';
import { rawChunks } from '../output/raw-chunks.js';
import type { XzCodec } from '../xz/xz-codec.js';
import { openConvertedBase } from './converted-base.js';
import type { ImageContainer } from './image-container.js';

export interface OpenImageDiskOptions {
  /** Where converted bases, pieces of touched blocks and temporary data are kept. */
  readonly cacheDir: string;
  /** Stops opening, and all reading later, when it fires. */
  readonly signal: AbortSignal;
  readonly progress?: (progress: Progress) => void;
  /** Default: the system's `xz`, else `lzma-native`. */
  readonly codec?: XzCodec;
}

/** An image file, opened for reading at random, whatever it is packed in. The file itself is never changed. */
export class ImageSource implements AsyncDisposable {
  #xzBase: Promise<XzDisk> | undefined;

  /** Use `openImageDisk`. */
  constructor(
    readonly path: string,
    /** What the file was recognised as; for all but `raw` and `xz`, the disk is a converted copy in the cache. */
    readonly container: ImageContainer,
    readonly disk: RawDisk | XzDisk,
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
      disk,
      () => rawChunks(disk, undefined, this.options.signal),
      this.options,
    ));
  }

  /**
   * To be called before what was made of the image is kept.
   *
   * @throws ImageError `IMAGE_SOURCE_CHANGED`.
   */
  async assertUnchanged(): Promise<void> {
    await this.disk.watch?.assertUnchanged();
  }

  /** What an error is that was met while the image was read; see `WatchedFile`. */
  async explain(error: unknown): Promise<unknown> {
    return (await this.disk.watch?.explain(error)) ?? error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const converted = await this.#xzBase?.catch(() => undefined);
    await converted?.[Symbol.asyncDispose]();
    await this.disk[Symbol.asyncDispose]();
  }
}
