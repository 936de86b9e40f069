import type { WritableDisk } from '../disk/disk.js';
import type { DiskRange } from '../disk/overlay-disk.js';
import { PartitionDisk } from '../disk/partition-disk.js';
import { usedExt4Ranges } from '../ext4/used-ranges.js';
import { usedFatRanges } from '../fat/used-ranges.js';
import { probeFileSystem } from '../filesystem/probe-file-system.js';
import { ImageError } from '../image-error.js';
import type { Partition } from '../partition/partition-table.js';
import { readPartitionTable } from '../partition/read-partition-table.js';
import { gapsBetween, joinRanges } from './range-set.js';

/**
 * The bytes of a disk image that mean something: what lies outside of its partitions, where boot loaders are, and what the
 * filesystems in them use. The rest may be anything on the disk that it is written to.
 *
 * @remarks A partition whose filesystem does not tell, and a disk without partitions that we know, is in use as a whole:
 * too much is never wrong.
 * @param disk - nothing is written to it
 * @returns Ordered, not overlapping.
 * @throws ImageError `IMAGE_UNREADABLE`; the reason of the signal that the disk was opened with.
 */
export async function usedRanges(disk: WritableDisk): Promise<DiskRange[]> {
  const partitions = await partitionsOf(disk);
  const used = gapsBetween(rangesOf(partitions), disk.sizeBytes);
  for (const { offsetBytes, sizeBytes } of partitions) {
    const partition = new PartitionDisk(disk, offsetBytes, sizeBytes);
    for (const { offset, length } of await usedInside(partition))
      used.push({ offset: offsetBytes + offset, length });
  }
  return joinRanges(used);
}

async function partitionsOf(disk: WritableDisk): Promise<readonly Partition[]> {
  return await readPartitionTable(disk).then(
    ({ partitions }) => partitions,
    (error: unknown) => {
      if (isAboutContent(error)) return [];
      throw error;
    },
  );
}

async function usedInside(partition: PartitionDisk): Promise<readonly DiskRange[]> {
  const whole = [{ offset: 0, length: partition.sizeBytes }];
  try {
    switch (await probeFileSystem(partition)) {
      case 'ext4':
        return (await usedExt4Ranges(partition)) ?? whole;
      case 'fat':
        return await usedFatRanges(partition);
      default:
        return whole;
    }
  } catch (error) {
    if (isAboutContent(error)) return whole;
    throw error;
  }
}

/** Damage is copied as it is: the node is to get what the image holds. */
function isAboutContent(error: unknown): boolean {
  const codes = [
    'IMAGE_FILESYSTEM_CORRUPT',
    'IMAGE_FILESYSTEM_UNSUPPORTED',
    'IMAGE_PARTITION_TABLE',
    'IMAGE_NOT_AN_IMAGE',
    'IMAGE_UNSUPPORTED_COMPRESSION',
  ];
  return error instanceof ImageError && codes.includes(error.code);
}

function rangesOf(partitions: readonly Partition[]): DiskRange[] {
  return joinRanges(
    partitions.map(({ offsetBytes, sizeBytes }) => ({ offset: offsetBytes, length: sizeBytes })),
  );
}
