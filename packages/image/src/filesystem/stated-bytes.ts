import type { ReadableDisk } from '../disk/disk.js';

const EXT4_SUPERBLOCK = 1024;

/** How long a filesystem says that it is, in bytes; 0 where that makes no sense. */
export async function statedBytes(disk: ReadableDisk, kind: 'ext4' | 'fat'): Promise<number> {
  if (kind === 'fat') return fatBytes(await disk.read(0, 512));
  const superblock = await disk.read(EXT4_SUPERBLOCK, 1024);
  const is64bit = (superblock.readUInt32LE(0x60) & 0x80) !== 0;
  const blocks = superblock.readUInt32LE(4) + (is64bit ? superblock.readUInt32LE(0x150) * 2 ** 32 : 0);
  return blocks * 2 ** (10 + Math.min(superblock.readUInt32LE(24), 6));
}

function fatBytes(sector: Buffer): number {
  const sectors = sector.readUInt16LE(19) || sector.readUInt32LE(32);
  return sectors * sector.readUInt16LE(11);
}
