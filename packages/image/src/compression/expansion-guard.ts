import { ImageError } from '../image-error.js';

/** No disk image of a node is larger than this: 256 GiB raw. */
export const MAX_RAW_BYTES = 256 * 1024 ** 3;

/** Up to here any ratio is believed: an empty disk compresses very well. */
const FREE_BYTES = 1024 ** 3;
/** Beyond {@link FREE_BYTES}, an image with an operating system in it does not shrink by more than this. */
const MAX_RATIO = 1000;

/**
 * Holds decompressed data to what a disk image can be, before the bytes are made where the size is declared, else as
 * they come.
 *
 * @throws ImageError `IMAGE_TOO_LARGE` for what looks like a decompression bomb.
 */
export function assertBelievableSize(path: string, rawBytes: number, encodedBytes: number): void {
  if (rawBytes > MAX_RAW_BYTES) {
    throw new ImageError('IMAGE_TOO_LARGE', `${path} decompresses to more than ${MAX_RAW_BYTES} bytes`, {
      details: { rawBytes, encodedBytes },
    });
  }
  if (rawBytes > FREE_BYTES && rawBytes > encodedBytes * MAX_RATIO) {
    throw new ImageError('IMAGE_TOO_LARGE', `${path} decompresses to more than ${MAX_RATIO} times its size`, {
      hint: 'No image of an operating system does that. If it is right nevertheless, decompress it yourself.',
      details: { rawBytes, encodedBytes },
    });
  }
}

/** Passes chunks on while their sum is believable. */
export async function* guardExpansion(
  chunks: AsyncIterable<Buffer>,
  path: string,
  encodedBytes: number,
): AsyncGenerator<Buffer, void, undefined> {
  let rawBytes = 0;
  for await (const chunk of chunks) {
    rawBytes += chunk.length;
    assertBelievableSize(path, rawBytes, encodedBytes);
    yield chunk;
  }
}
