import { TuringPiError } from '@turingpi/foundation';
import { ImageError } from '../image-error.js';

/** The error number of a failed system call, for example `ENOENT`. */
function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/**
 * Names what went wrong with a file of the host.
 *
 * @returns `IMAGE_HOST_NO_SPACE`, `IMAGE_NOT_FOUND`, `IMAGE_UNREADABLE` or `IMAGE_WRITE_FAILED`; errors that are ours
 * already, and aborts, come back unchanged.
 */
export function hostFileError(error: unknown, path: string, action: 'read' | 'write'): Error {
  if (error instanceof Error && (TuringPiError.is(error) || error.name === 'AbortError')) return error;
  const errno = errnoOf(error);
  const why = errno ?? (error instanceof Error ? error.message : String(error));
  if (errno === 'ENOSPC' || errno === 'EDQUOT') {
    return new ImageError('IMAGE_HOST_NO_SPACE', `No space left on this computer to write ${path}`, {
      cause: error,
    });
  }
  if (action === 'write')
    return new ImageError('IMAGE_WRITE_FAILED', `Cannot write ${path}: ${why}`, { cause: error });
  if (errno === 'ENOENT' || errno === 'ENOTDIR') {
    return new ImageError('IMAGE_NOT_FOUND', `There is no image at ${path}`, { cause: error });
  }
  if (errno === 'EISDIR') {
    return new ImageError('IMAGE_NOT_AN_IMAGE', `${path} is a directory`, { cause: error });
  }
  return new ImageError('IMAGE_UNREADABLE', `Cannot read ${path}: ${why}`, { cause: error });
}
