import { FOREIGN_LOOK_BYTES, notAnImage } from '../compression/foreign-format.js';
import type { ReadableDisk } from '../disk/disk.js';
import { probeFileSystem } from '../filesystem/probe-file-system.js';
import { ImageError } from '../image-error.js';
import { readGpt } from './gpt.js';
import { isProtective, parseBootRecord, readMbr } from './mbr.js';
import type { Partition, PartitionTable } from './partition-table.js';

const SECTOR = 512;

/**
 * Reads how a disk is divided: GPT, MBR, or one filesystem over the whole disk.
 *
 * @throws ImageError `IMAGE_PARTITION_TABLE` for a damaged table; `IMAGE_NOT_AN_IMAGE` or
 * `IMAGE_UNSUPPORTED_COMPRESSION`, saying what it is, when there is neither a table nor a filesystem.
 */
export async function readPartitionTable(disk: ReadableDisk): Promise<PartitionTable> {
  if (disk.sizeBytes < 2 * SECTOR)
    throw new ImageError(
      'IMAGE_NOT_AN_IMAGE',
      `This is not a disk image: it has only ${disk.sizeBytes} bytes`,
    );
  const sector = await disk.read(0, SECTOR);
  const record = parseBootRecord(sector);
  if (record !== undefined && isProtective(record)) return withoutOverlaps(await readGpt(disk));

  // A FAT without a table has the same end mark as a boot record, and its boot code where the entries would be.
  const found = await probeFileSystem(disk);
  if (found !== 'fat' && record !== undefined && record.length > 0)
    return withoutOverlaps(await readMbr(disk, sector, record));
  if (found === undefined)
    throw notAnImage('This', await disk.read(0, Math.min(FOREIGN_LOOK_BYTES, disk.sizeBytes)));
  const whole: Partition = {
    number: 1,
    offsetBytes: 0,
    sizeBytes: disk.sizeBytes,
    type: '',
    uuid: undefined,
    name: undefined,
  };
  return { scheme: 'none', diskId: undefined, sectorSizeBytes: SECTOR, partitions: [whole] };
}

function withoutOverlaps(table: PartitionTable): PartitionTable {
  const ordered = [...table.partitions].sort((a, b) => a.offsetBytes - b.offsetBytes);
  for (const [index, partition] of ordered.entries()) {
    const next = ordered[index + 1];
    if (next !== undefined && partition.offsetBytes + partition.sizeBytes > next.offsetBytes)
      throw new ImageError(
        'IMAGE_PARTITION_TABLE',
        `The partition table is damaged: partitions ${partition.number} and ${next.number} overlap.`,
        { details: { partitions: [partition.number, next.number] } },
      );
  }
  return table;
}
