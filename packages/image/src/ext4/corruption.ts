import { ImageError } from '../image-error.js';

/** The error for metadata that cannot be true. `what` follows "The ext4 filesystem is damaged:". */
export function corruption(what: string): ImageError {
  return new ImageError('IMAGE_FILESYSTEM_CORRUPT', `The ext4 filesystem is damaged: ${what}.`);
}

/** The error for something legal that this driver does not do. `what` is a whole sentence without its full stop. */
export function unsupportedOperation(what: string): ImageError {
  return new ImageError('IMAGE_OPERATION_UNSUPPORTED', `${what}.`, {
    hint: 'Use the loop or docker backend for this edit.',
  });
}
