import type { WritableDisk } from '../disk/disk.js';
import type { DiskRange } from '../disk/overlay-disk.js';
import { nextClearRun } from './bitmap.js';
import { BlockCache } from './block-cache.js';
import { parseFeatures, unreadableFeatures } from './features.js';
import { GROUP_BLOCK_UNINIT } from './group-descriptor.js';
import { groupLength, groupStart } from './group-layout.js';
import { GroupTable } from './group-table.js';
import {
  hasExt4Magic,
  parseSuperblock,
  SUPERBLOCK_LENGTH,
  SUPERBLOCK_OFFSET,
  type Superblock,
} from './superblock.js';
import { SystemZones } from './system-zones.js';

/**
 * The bytes of an ext4 that mean something: blocks in use by its bitmaps, and the filesystem's own.
 *
 * @param disk - The partition; nothing is written to it.
 * @returns Ordered, not overlapping; undefined when the bitmaps do not tell: there is no ext4, its journal has to be
 * replayed, or it has features that we do not know.
 * @throws ImageError `IMAGE_FILESYSTEM_CORRUPT`, `IMAGE_CORRUPT`.
 */
export async function usedExt4Ranges(disk: WritableDisk): Promise<DiskRange[] | undefined> {
  if (disk.sizeBytes < SUPERBLOCK_OFFSET + SUPERBLOCK_LENGTH) return undefined;
  const raw = await disk.read(SUPERBLOCK_OFFSET, SUPERBLOCK_LENGTH);
  if (!hasExt4Magic(raw) || unreadableFeatures(parseFeatures(raw).incompatible).length > 0) return undefined;
  const superblock = parseSuperblock(raw, disk.sizeBytes);
  const { features, blockSize, groupCount } = superblock;
  if (features.has('needs_recovery') || features.has('bigalloc')) return undefined;
  const cache = new BlockCache(disk, blockSize, superblock.blocksCount);
  const groups = new GroupTable(superblock, cache);
  const zones = await SystemZones.read(superblock, groups);
  const ranges = zones.ranges.map(([start, end]) => bytesOf(start, end - start, blockSize));
  for (let group = 0; group < groupCount; group++) {
    const { flags, blockBitmap } = await groups.get(group);
    if ((flags & GROUP_BLOCK_UNINIT) !== 0) continue; // nothing but the filesystem's own is in it
    const bitmap = await cache.get(blockBitmap);
    ranges.push(...usedInGroup(superblock, group, bitmap));
    await cache.trim();
  }
  return ranges;
}

function usedInGroup(superblock: Superblock, group: number, bitmap: Buffer): DiskRange[] {
  const start = groupStart(superblock, group);
  const length = groupLength(superblock, group);
  const ranges: DiskRange[] = [];
  let from = 0;
  while (from < length) {
    const free = nextClearRun(bitmap, from, length) ?? { start: length, count: 0 };
    if (free.start > from) ranges.push(bytesOf(start + from, free.start - from, superblock.blockSize));
    from = free.start + free.count;
  }
  return ranges;
}

function bytesOf(block: number, count: number, blockSize: number): DiskRange {
  return { offset: block * blockSize, length: count * blockSize };
}
