/** Why an operation on a node's files failed, as the node's own programs would say it. */
export type FileFailureCode =
  | 'ENOENT'
  | 'EACCES'
  | 'EPERM'
  | 'EEXIST'
  | 'ENOTDIR'
  | 'EISDIR'
  | 'ENOTEMPTY'
  | 'ELOOP'
  | 'ENOSPC'
  | 'EROFS'
  | 'EINVAL'
  | 'EIO';

const TEXTS: Readonly<Record<FileFailureCode, string>> = {
  ENOENT: 'No such file or directory',
  EACCES: 'Permission denied',
  EPERM: 'Operation not permitted',
  EEXIST: 'File exists',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
  ENOTEMPTY: 'Directory not empty',
  ELOOP: 'Too many levels of symbolic links',
  ENOSPC: 'No space left on device',
  EROFS: 'Read-only file system',
  EINVAL: 'Invalid argument',
  EIO: 'Input/output error',
};

const FROM_IMAGE: Readonly<Record<string, FileFailureCode>> = {
  IMAGE_PATH_NOT_FOUND: 'ENOENT',
  IMAGE_PATH_EXISTS: 'EEXIST',
  IMAGE_NOT_A_DIRECTORY: 'ENOTDIR',
  IMAGE_IS_A_DIRECTORY: 'EISDIR',
  IMAGE_DIRECTORY_NOT_EMPTY: 'ENOTEMPTY',
  IMAGE_SYMLINK_LOOP: 'ELOOP',
  IMAGE_NO_SPACE: 'ENOSPC',
  IMAGE_NO_INODES: 'ENOSPC',
  IMAGE_PATH_INVALID: 'EINVAL',
  IMAGE_NAME_TOO_LONG: 'EINVAL',
  IMAGE_OPERATION_UNSUPPORTED: 'EPERM',
};

/** An operation on a node's files that the node's kernel would refuse. */
export class FileFailure extends Error {
  constructor(
    readonly code: FileFailureCode,
    readonly path: string,
  ) {
    super(TEXTS[code]);
  }

  /** Translates what the image library reports; anything unexpected is an I/O error. */
  static from(error: unknown, path: string): FileFailure {
    if (error instanceof FileFailure) return error;
    const code = (error as { readonly code?: unknown }).code;
    const failure = new FileFailure(typeof code === 'string' ? (FROM_IMAGE[code] ?? 'EIO') : 'EIO', path);
    failure.cause = error;
    return failure;
  }
}
