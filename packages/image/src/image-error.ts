import { TuringPiError } from '@turingpi/core/plugin';

/** Everything that can be wrong with an image, its partitions, its filesystems, or an edit of them. */
export type ImageErrorCode =
  // the file and its compression
  | 'IMAGE_NOT_FOUND'
  | 'IMAGE_UNREADABLE'
  | 'IMAGE_NOT_AN_IMAGE'
  | 'IMAGE_CORRUPT'
  | 'IMAGE_UNSUPPORTED_COMPRESSION'
  | 'IMAGE_TOO_LARGE'
  | 'IMAGE_CHECKSUM'
  // downloads
  | 'IMAGE_DOWNLOAD_URL'
  | 'IMAGE_DOWNLOAD_UNREACHABLE'
  | 'IMAGE_DOWNLOAD_UNTRUSTED'
  | 'IMAGE_DOWNLOAD_REFUSED'
  | 'IMAGE_DOWNLOAD_REDIRECT'
  | 'IMAGE_DOWNLOAD_NOT_AN_IMAGE'
  | 'IMAGE_DOWNLOAD_TRUNCATED'
  | 'IMAGE_DOWNLOAD_CHANGED'
  | 'IMAGE_DOWNLOAD_DIGEST'
  | 'IMAGE_DOWNLOAD_DIGEST_FILE'
  // partitions
  | 'IMAGE_PARTITION_TABLE'
  | 'IMAGE_NO_PARTITION'
  | 'IMAGE_NO_ROOT'
  | 'IMAGE_AMBIGUOUS_ROOT'
  // filesystems
  | 'IMAGE_FILESYSTEM_CORRUPT'
  | 'IMAGE_FILESYSTEM_UNSUPPORTED'
  | 'IMAGE_FILESYSTEM_DIRTY'
  | 'IMAGE_SELF_CHECK_FAILED'
  // paths and operations inside an image
  | 'IMAGE_PATH_INVALID'
  | 'IMAGE_PATH_NOT_FOUND'
  | 'IMAGE_PATH_EXISTS'
  | 'IMAGE_NOT_A_DIRECTORY'
  | 'IMAGE_IS_A_DIRECTORY'
  | 'IMAGE_DIRECTORY_NOT_EMPTY'
  | 'IMAGE_NAME_TOO_LONG'
  | 'IMAGE_SYMLINK_LOOP'
  | 'IMAGE_OPERATION_UNSUPPORTED'
  | 'IMAGE_NO_SPACE'
  | 'IMAGE_NO_INODES'
  // the host
  | 'IMAGE_HOST_NO_SPACE'
  | 'IMAGE_SOURCE_NOT_FOUND'
  | 'IMAGE_SOURCE_UNREADABLE'
  | 'IMAGE_SOURCE_CHANGED'
  | 'IMAGE_TEMPLATE_VALUE'
  | 'IMAGE_OUTPUT_EXISTS'
  | 'IMAGE_WRITE_FAILED'
  | 'IMAGE_NO_BACKEND';

/** An image, or an edit of one, is not as it must be. The message names the file, partition or path. */
export class ImageError extends TuringPiError<ImageErrorCode> {}
