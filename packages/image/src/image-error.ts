import { TuringPiError, type TuringPiErrorOptions } from '@turingpi/foundation';
import type { ImageErrorCode } from './image-error-code.js';
import { IMAGE_HINTS } from './image-hints.js';

export type { ImageErrorCode } from './image-error-code.js';

/** An image, or an edit of one, is not as it must be. The message names the file, partition or path. */
export class ImageError extends TuringPiError<ImageErrorCode> {
  constructor(code: ImageErrorCode, message: string, options: Partial<TuringPiErrorOptions> = {}) {
    super(code, message, { hint: IMAGE_HINTS[code], ...options });
  }
}
