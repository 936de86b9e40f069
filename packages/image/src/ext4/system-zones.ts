import type { GroupTable } from './group-table.js';
import {
  descriptorBlock,
  descriptorBlockCount,
  groupHeaderLength,
  groupStart,
  inodeTableLength,
} from './group-layout.js';
import type { Superblock } from './superblock.js';

/** The blocks of superblocks, descriptors, bitmaps and inode tables: no file may own them. */
export class SystemZones {
  private constructor(
    /** First block and the one after the last of each zone, in order. */
    readonly ranges: readonly (readonly [number, number])[],
  ) {}

  /** Collects the zones of all groups. @throws ImageError `IMAGE_FILESYSTEM_CORRUPT` for a bad descriptor. */
  static async read(superblock: Superblock, groups: GroupTable): Promise<SystemZones> {
    const all: [number, number][] = [[0, superblock.firstDataBlock + 1]];
    for (let index = 0; index < descriptorBlockCount(superblock); index++) {
      const block = descriptorBlock(superblock, index);
      all.push([block, block + 1]);
    }
    const tableLength = inodeTableLength(superblock);
    for (let group = 0; group < superblock.groupCount; group++) {
      const start = groupStart(superblock, group);
      const headerLength = groupHeaderLength(superblock, group);
      if (headerLength > 0) all.push([start, start + headerLength]);
      const { blockBitmap, inodeBitmap, inodeTable } = await groups.get(group);
      all.push(
        [blockBitmap, blockBitmap + 1],
        [inodeBitmap, inodeBitmap + 1],
        [inodeTable, inodeTable + tableLength],
      );
    }
    all.sort(([a], [b]) => a - b);
    const merged: [number, number][] = [];
    for (const [start, end] of all) {
      const last = merged.at(-1);
      if (last && start <= last[1]) last[1] = Math.max(last[1], end);
      else merged.push([start, end]);
    }
    return new SystemZones(merged);
  }

  /** Tells whether any of the blocks is the filesystem's own. */
  overlaps(start: number, count: number): boolean {
    let low = 0;
    let high = this.ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.ranges[middle]?.[1] ?? 0) <= start) low = middle + 1;
      else high = middle;
    }
    const range = this.ranges[low];
    return range !== undefined && range[0] < start + count;
  }
}
