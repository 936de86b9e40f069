import type { StatsFs } from 'node:fs';
import { TuringPiError } from '@turingpi/foundation';
import { ImageError, type ImageErrorCode } from '../image-error.js';

const CODES: Readonly<Record<string, readonly [ImageErrorCode, string]>> = {
  ENOENT: ['IMAGE_PATH_NOT_FOUND', 'does not exist in the image'],
  ENOTDIR: ['IMAGE_NOT_A_DIRECTORY', 'is not, or does not lie in, a directory'],
  ELOOP: ['IMAGE_NOT_A_DIRECTORY', 'is not, or does not lie in, a directory'],
  EEXIST: ['IMAGE_PATH_EXISTS', 'exists already'],
  EISDIR: ['IMAGE_IS_A_DIRECTORY', 'is a directory'],
  ENOTEMPTY: ['IMAGE_DIRECTORY_NOT_EMPTY', 'is not empty'],
  ENAMETOOLONG: ['IMAGE_NAME_TOO_LONG', 'has a name of over 255 bytes'],
  EPERM: ['IMAGE_OPERATION_UNSUPPORTED', 'is marked as not to be changed (chattr)'],
  EINVAL: ['IMAGE_PATH_INVALID', 'cannot be used so'],
  EUCLEAN: ['IMAGE_FILESYSTEM_CORRUPT', 'is damaged'],
};

/**
 * Names what a kernel refused in a mounted image.
 *
 * @param usage - Counts of the filesystem, to tell a full disk from one without inodes.
 * @returns An ImageError naming the path; errors that are ours already, and aborts, come back unchanged.
 */
export function mountError(error: unknown, path: string, usage?: Pick<StatsFs, 'ffree'>): Error {
  if (error instanceof Error && (TuringPiError.is(error) || error.name === 'AbortError')) return error;
  const errno = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  const details = { path };
  if (errno === 'ENOSPC' && usage?.ffree === 0)
    return new ImageError('IMAGE_NO_INODES', `The filesystem has no inode left for "${path}".`, { details });
  if (errno === 'ENOSPC')
    return new ImageError('IMAGE_NO_SPACE', `The filesystem has no space left for "${path}".`, {
      cause: error,
      details,
    });
  const known = Object.hasOwn(CODES, errno) ? CODES[errno] : undefined;
  if (known !== undefined)
    return new ImageError(known[0], `"${path}" ${known[1]}.`, { cause: error, details });
  return new ImageError('IMAGE_WRITE_FAILED', `The mounted image failed at "${path}": ${errno}.`, {
    cause: error,
    details,
  });
}
