import { ImageError } from '../image-error.js';

/** A decoded integer and the offset of the byte after it. */
export interface DecodedVarint {
  readonly value: number;
  readonly next: number;
}

const MAX_BYTES = 9;

/**
 * Reads one variable-length integer of the .xz format (specification 1.2): seven bits per byte, least significant first.
 *
 * @throws ImageError `IMAGE_CORRUPT` when it is cut off, padded with a zero byte, or beyond the safe integers.
 */
export function decodeVarint(bytes: Uint8Array, offset: number): DecodedVarint {
  let value = 0;
  let factor = 1;
  for (let index = 0; index < MAX_BYTES; index++) {
    const byte = bytes[offset + index];
    if (byte === undefined) throw new ImageError('IMAGE_CORRUPT', 'xz: an integer is cut off');
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) {
      if (byte === 0 && index > 0) throw new ImageError('IMAGE_CORRUPT', 'xz: an integer is not minimal');
      if (!Number.isSafeInteger(value))
        throw new ImageError('IMAGE_CORRUPT', 'xz: an integer is out of range');
      return { value, next: offset + index + 1 };
    }
    factor *= 128;
  }
  throw new ImageError('IMAGE_CORRUPT', 'xz: an integer is too long');
}

/** Appends `value` to `output` as a variable-length integer. */
export function encodeVarint(value: number, output: number[]): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`not a size: ${value}`);
  let rest = value;
  while (rest >= 0x80) {
    output.push((rest % 128) | 0x80);
    rest = Math.floor(rest / 128);
  }
  output.push(rest);
}
