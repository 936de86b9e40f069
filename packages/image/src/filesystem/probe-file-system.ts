import type { ReadableDisk } from '../disk/disk.js';
import { isFatBootSector } from '../fat/fat-geometry.js';

/** A filesystem by its name on Linux. Those other than `ext4` and `fat` are recognised only to be named in errors. */
export type FileSystemKind =
  | 'ext4'
  | 'fat'
  | 'btrfs'
  | 'xfs'
  | 'f2fs'
  | 'squashfs'
  | 'erofs'
  | 'ntfs'
  | 'exfat'
  | 'swap'
  | 'luks'
  | 'lvm'
  | 'md';

interface Magic {
  readonly kind: FileSystemKind;
  readonly offset: number;
  readonly bytes: Buffer;
}

/** Of version 1.1 and 1.2; that of the others is at the end, behind what is then seen as it is. */
const MD_MAGIC = Buffer.from([0xfc, 0x4e, 0x2b, 0xa9]);

const MAGICS: readonly Magic[] = [
  { kind: 'ext4', offset: 1024 + 56, bytes: Buffer.from([0x53, 0xef]) },
  { kind: 'ntfs', offset: 3, bytes: Buffer.from('NTFS    ') },
  { kind: 'exfat', offset: 3, bytes: Buffer.from('EXFAT   ') },
  { kind: 'luks', offset: 0, bytes: Buffer.from('LUKS\xba\xbe', 'latin1') },
  { kind: 'xfs', offset: 0, bytes: Buffer.from('XFSB') },
  { kind: 'squashfs', offset: 0, bytes: Buffer.from('hsqs') },
  ...[0, 512, 1024, 1536].map((offset): Magic => ({ kind: 'lvm', offset, bytes: Buffer.from('LABELONE') })),
  ...[0, 4096].map((offset): Magic => ({ kind: 'md', offset, bytes: MD_MAGIC })),
  { kind: 'erofs', offset: 1024, bytes: Buffer.from([0xe2, 0xe1, 0xf5, 0xe0]) },
  { kind: 'f2fs', offset: 1024, bytes: Buffer.from([0x10, 0x20, 0xf5, 0xf2]) },
  { kind: 'swap', offset: 4096 - 10, bytes: Buffer.from('SWAPSPACE2') },
  { kind: 'btrfs', offset: 0x10040, bytes: Buffer.from('_BHRfS_M') },
];

/** Tells what filesystem is on a disk or partition by its superblock, never by the partition's type or name. */
export async function probeFileSystem(disk: ReadableDisk): Promise<FileSystemKind | undefined> {
  const head = await disk.read(0, Math.min(disk.sizeBytes, 4096));
  for (const { kind, offset, bytes } of MAGICS) {
    if (offset + bytes.length > disk.sizeBytes) continue;
    const inHead = offset + bytes.length <= head.length;
    const found = inHead
      ? head.subarray(offset, offset + bytes.length)
      : await disk.read(offset, bytes.length);
    if (found.equals(bytes)) return kind;
  }
  return isFatBootSector(head) ? 'fat' : undefined;
}
