import type { WritableDisk } from '../disk/disk.js';
import type { DiskRange } from '../disk/overlay-disk.js';
import { FatVolume } from './fat-volume.js';

/**
 * The bytes of a FAT that mean something: its tables and the clusters that are not free.
 *
 * @param disk - The partition; nothing is written to it.
 * @returns Ordered, not overlapping.
 * @throws ImageError `IMAGE_FILESYSTEM_CORRUPT`, `IMAGE_FILESYSTEM_UNSUPPORTED`.
 */
export async function usedFatRanges(disk: WritableDisk): Promise<DiskRange[]> {
  const { table, geometry } = await FatVolume.open(disk);
  const { dataOffset, clusterBytes } = geometry;
  const used = (await table.usedRuns()).map(({ first, count }) => ({
    offset: dataOffset + (first - 2) * clusterBytes,
    length: count * clusterBytes,
  }));
  return [{ offset: 0, length: dataOffset }, ...used];
}
