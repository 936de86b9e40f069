import { ImageError } from '../image-error.js';
import type { ReadableDisk } from './disk.js';

/**
 * Holds an access to the disk's size.
 *
 * @throws ImageError `IMAGE_CORRUPT`: offsets come from the image's own structures, which then point out of it.
 */
export function assertInside(disk: Pick<ReadableDisk, 'sizeBytes'>, offset: number, length: number): void {
  const sane = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0;
  if (!sane || offset + length > disk.sizeBytes) {
    throw new ImageError(
      'IMAGE_CORRUPT',
      `${length} bytes at offset ${offset} are not inside a disk of ${disk.sizeBytes} bytes`,
      { details: { offset, length, sizeBytes: disk.sizeBytes } },
    );
  }
}
