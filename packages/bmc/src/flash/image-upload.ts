import { Readable } from 'node:stream';
import type { ImageStream } from '@turingpi/core/plugin';
import { BmcError } from '../errors/bmc-error.js';
import type { BmcCapabilities } from '../version/capabilities.js';
import type { FlashImage } from './flash-request.js';

/** The BMC has about 50 MB for everything; 8 MiB is what `xz` uses unless told otherwise (API reference, section 8.4). */
const LARGEST_DICTIONARY = 8 * 1024 * 1024;

/** An image opened in the form in which this BMC can take it. */
export interface ImageUpload {
  readonly image: ImageStream;
  /** The name to announce: its ending alone decides whether the BMC decompresses. */
  readonly name: 'image.img.xz' | 'image.img';
}

/**
 * Opens an image as xz when it is xz and the BMC can decode it, else decompressed on the fly.
 *
 * @throws BmcError BMC_FLASH_IMAGE_UNUSABLE for an empty image
 */
export async function openForUpload(
  source: FlashImage,
  capabilities: BmcCapabilities,
  signal: AbortSignal,
): Promise<ImageUpload> {
  if (source.format === 'xz' && capabilities.decodesXz) {
    const image = await source.open('xz', signal);
    if (image.dictionaryBytes !== undefined && image.dictionaryBytes <= LARGEST_DICTIONARY) {
      return { image: usable(image), name: 'image.img.xz' };
    }
    discard(image);
  }
  return { image: usable(await source.open('raw', signal)), name: 'image.img' };
}

/** Closes a stream that is not read to its end. */
export function discard(image: ImageStream): void {
  const { stream } = image;
  stream.on('error', () => undefined);
  if (stream instanceof Readable) stream.destroy();
}

function usable(image: ImageStream): ImageStream {
  if (image.lengthBytes > 0 && image.rawSizeBytes > 0 && /^[0-9a-f]{64}$/.test(image.sha256)) return image;
  discard(image);
  throw new BmcError('BMC_FLASH_IMAGE_UNUSABLE', 'the image is empty or has no SHA-256', {
    hint: 'The BMC would report an empty transfer as done.',
  });
}
