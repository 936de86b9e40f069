import type { ImageStream } from '@turingpi/foundation';
import { assertDiskImage } from '../compression/assert-disk-image.js';
import type { OpenImageDiskOptions } from '../compression/image-source.js';
import { openImageDisk } from '../compression/open-image-disk.js';
import { BackendImageEngine } from '../engine/backend-image-engine.js';

/** An image file as a board takes it: `image` of `flashNode` of `@turingpi/bmc`. */
export interface FlashableImage {
  /** What goes to the board: xz as it is, everything else decompressed. */
  readonly format: 'xz' | 'raw';
  /**
   * Opens it from its first byte, with what has to be known beforehand: length, SHA-256, size on the disk, and for xz the
   * memory that decoding it takes. May be called again for another format or another attempt.
   *
   * @throws ImageError `IMAGE_UNREADABLE`, `IMAGE_CORRUPT`, `IMAGE_HOST_NO_SPACE`; the reason of the signal.
   */
  open(format: 'xz' | 'raw', signal: AbortSignal): Promise<ImageStream>;
}

/**
 * Makes sure that a file is an image of a disk, packed in whatever way, and gets it ready to be flashed.
 *
 * @param options - `cacheDir`: where what cannot be read at any place is unpacked
 * @throws ImageError `IMAGE_NOT_AN_IMAGE` for what no disk may be overwritten with; as {@link openImageDisk}.
 */
export async function flashableImage(file: string, options: OpenImageDiskOptions): Promise<FlashableImage> {
  await using source = await openImageDisk(file, options);
  await assertDiskImage(source);
  const engine = new BackendImageEngine();
  return {
    format: source.container === 'xz' ? 'xz' : 'raw',
    open: (format, signal) => engine.stream(file, format, { signal, cacheDir: options.cacheDir }),
  };
}
