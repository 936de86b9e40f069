import type { WritableDisk } from '../disk/disk.js';
import { openExt4 } from '../ext4/open-ext4.js';
import { openFat } from '../fat/fat-file-system.js';
import { ImageError } from '../image-error.js';
import type { FileSystem } from './file-system.js';
import { probeFileSystem } from './probe-file-system.js';

export interface OpenFileSystemOptions {
  /** The time given to what is written without one. Default: the time of writing. */
  readonly now?: () => Date;
}

/**
 * Opens the filesystem on a disk or partition, recognised by its superblock.
 *
 * @throws ImageError `IMAGE_FILESYSTEM_UNSUPPORTED` for one we do not know; `IMAGE_FILESYSTEM_CORRUPT`,
 * `IMAGE_FILESYSTEM_DIRTY`.
 */
export async function openFileSystem(
  disk: WritableDisk,
  options: OpenFileSystemOptions = {},
): Promise<FileSystem> {
  const kind = await probeFileSystem(disk);
  if (kind === 'ext4') return openExt4(disk, options);
  if (kind === 'fat') return openFat(disk, options);
  const what =
    kind === undefined
      ? 'There is no filesystem that we know'
      : `The filesystem is ${kind}, and that is not supported`;
  throw new ImageError('IMAGE_FILESYSTEM_UNSUPPORTED', `${what}.`, {
    hint: 'Supported are ext4 (with ext2 and ext3) and FAT.',
    details: { kind: kind ?? 'unknown' },
  });
}
