import type { Stats } from 'node:fs';
import type { FileStat, FileType } from '@turingpi/image/backend';

/** The type of an inode, as the system or a directory entry tells it. */
export function fileType(
  inode: Pick<
    Stats,
    'isFile' | 'isDirectory' | 'isSymbolicLink' | 'isCharacterDevice' | 'isBlockDevice' | 'isFIFO'
  >,
): FileType {
  if (inode.isFile()) return 'file';
  if (inode.isDirectory()) return 'directory';
  if (inode.isSymbolicLink()) return 'symlink';
  if (inode.isCharacterDevice()) return 'character-device';
  if (inode.isBlockDevice()) return 'block-device';
  return inode.isFIFO() ? 'fifo' : 'socket';
}

/** What the system tells of an inode. */
export function fileStat(stat: Stats): FileStat {
  return {
    type: fileType(stat),
    mode: stat.mode & 0o7777,
    uid: stat.uid,
    gid: stat.gid,
    size: stat.size,
    mtime: stat.mtime,
    links: stat.nlink,
    inode: stat.ino,
  };
}
