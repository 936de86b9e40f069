import type { FileHandle } from 'node:fs/promises';
import { ImageError } from '../image-error.js';
import { hostFileError } from './host-file-error.js';

/**
 * Fills `bytes` from `position` of a file.
 *
 * @throws ImageError `IMAGE_SOURCE_CHANGED` when the file ends before, `IMAGE_UNREADABLE` when it cannot be read.
 */
export async function readFully(
  file: FileHandle,
  path: string,
  bytes: Buffer,
  position: number,
): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    let count: number;
    try {
      ({ bytesRead: count } = await file.read(bytes, done, bytes.length - done, position + done));
    } catch (error) {
      throw hostFileError(error, path, 'read');
    }
    if (count === 0) {
      throw new ImageError(
        'IMAGE_SOURCE_CHANGED',
        `${path} ends at byte ${position + done}: it was cut off while in use`,
      );
    }
    done += count;
  }
}
