import type { FileSystem } from '../filesystem/file-system.js';

/** What can be done with the files under a mount point, by real paths; the same promises as {@link FileSystem}'s. */
export type MountedFiles = Pick<
  FileSystem,
  | 'usage'
  | 'lstat'
  | 'list'
  | 'readFile'
  | 'readStream'
  | 'readLink'
  | 'writeFile'
  | 'appendFile'
  | 'mkdir'
  | 'symlink'
  | 'link'
  | 'setAttributes'
  | 'rename'
  | 'remove'
>;

/** One ext4 partition of a working copy that a kernel can mount, here or in a container. */
export interface PartitionMount extends AsyncDisposable {
  /** Mounts it if it is not mounted, after replaying its journal. @throws ImageError. */
  files(): Promise<MountedFiles>;
  /** Writes everything down and unmounts; nothing when it is not mounted. @throws ImageError when it is held. */
  unmount(): Promise<void>;
  /** Checks the whole unmounted filesystem. @throws ImageError `IMAGE_SELF_CHECK_FAILED` with what is wrong. */
  check(signal: AbortSignal): Promise<void>;
}
