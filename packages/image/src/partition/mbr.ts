import type { ReadableDisk } from '../disk/disk.js';
import { ImageError } from '../image-error.js';
import type { Partition, PartitionTable } from './partition-table.js';

const SECTOR = 512;
const ENTRIES_OFFSET = 446;
const EXTENDED_TYPES: readonly number[] = [0x05, 0x0f, 0x85];
const PROTECTIVE_TYPE = 0xee;
const MAX_LOGICAL_PARTITIONS = 128;

/** One of the four slots of a boot record. */
interface MbrEntry {
  readonly slot: number;
  readonly status: number;
  readonly type: number;
  readonly firstSector: number;
  readonly sectors: number;
}

/** The used slots of a boot record; undefined when the sector is none. */
export function parseBootRecord(sector: Buffer): readonly MbrEntry[] | undefined {
  if (sector.readUInt16LE(510) !== 0xaa55) return undefined;
  const entries = [0, 1, 2, 3].map((slot) => {
    const at = ENTRIES_OFFSET + slot * 16;
    return {
      slot,
      status: sector.readUInt8(at),
      type: sector.readUInt8(at + 4),
      firstSector: sector.readUInt32LE(at + 8),
      sectors: sector.readUInt32LE(at + 12),
    };
  });
  if (entries.some(({ status }) => status !== 0 && status !== 0x80)) return undefined;
  return entries.filter(({ type, sectors }) => type !== 0 && sectors !== 0);
}

/** Whether a boot record says that the disk is divided by a GUID partition table. */
export function isProtective(entries: readonly MbrEntry[]): boolean {
  return entries.some(({ type }) => type === PROTECTIVE_TYPE);
}

/**
 * Reads an MBR partition table with its logical partitions, numbered as Linux does.
 *
 * @remarks Extended partitions only hold the others and are not listed.
 * @throws ImageError `IMAGE_PARTITION_TABLE` when a partition is outside the disk or the chain of logical ones is broken.
 */
export async function readMbr(
  disk: ReadableDisk,
  sector: Buffer,
  entries: readonly MbrEntry[],
): Promise<PartitionTable> {
  const diskId = sector.readUInt32LE(440).toString(16).padStart(8, '0');
  const partitions: Partition[] = [];
  const add = (number: number, firstSector: number, entry: MbrEntry) =>
    partitions.push(toPartition(disk, diskId, number, firstSector, entry));

  for (const entry of entries)
    if (!EXTENDED_TYPES.includes(entry.type)) add(entry.slot + 1, entry.firstSector, entry);
  for (const container of entries.filter(({ type }) => EXTENDED_TYPES.includes(type))) {
    toPartition(disk, diskId, container.slot + 1, container.firstSector, container);
    let number = 5;
    for await (const { firstSector, entry } of walkLogical(disk, container))
      add(number++, firstSector, entry);
  }
  return { scheme: 'mbr', diskId, sectorSizeBytes: SECTOR, partitions };
}

/** Follows the chain of extended boot records: each names its partition relative to itself, and the next record. */
async function* walkLogical(
  disk: ReadableDisk,
  container: MbrEntry,
): AsyncGenerator<{ firstSector: number; entry: MbrEntry }> {
  const visited = new Set<number>();
  let relative = 0;
  for (;;) {
    if (relative >= container.sectors)
      throw damaged('the chain of logical partitions leaves the extended one');
    if (visited.has(relative)) throw damaged('the chain of logical partitions is a loop');
    if (visited.size >= MAX_LOGICAL_PARTITIONS)
      throw damaged(`there are more than ${MAX_LOGICAL_PARTITIONS} logical partitions`);
    visited.add(relative);
    const recordSector = container.firstSector + relative;
    const entries = parseBootRecord(await disk.read(recordSector * SECTOR, SECTOR));
    if (entries === undefined)
      throw damaged(`sector ${recordSector} should hold a logical partition and does not`);
    const logical = entries.find(({ type }) => !EXTENDED_TYPES.includes(type));
    if (logical !== undefined) {
      const firstSector = recordSector + logical.firstSector;
      if (firstSector + logical.sectors > container.firstSector + container.sectors)
        throw damaged('a logical partition goes beyond the extended one');
      yield { firstSector, entry: logical };
    }
    const next = entries.find(({ type }) => EXTENDED_TYPES.includes(type));
    if (next === undefined) return;
    relative = next.firstSector;
  }
}

function toPartition(
  disk: ReadableDisk,
  diskId: string,
  number: number,
  firstSector: number,
  entry: MbrEntry,
): Partition {
  const end = (firstSector + entry.sectors) * SECTOR;
  if (firstSector === 0) throw damaged(`partition ${number} lies over the partition table itself`);
  if (end > disk.sizeBytes)
    throw damaged(`partition ${number} goes to byte ${end}, beyond the disk's end`, {
      partition: number,
      diskBytes: disk.sizeBytes,
    });
  return {
    number,
    offsetBytes: firstSector * SECTOR,
    sizeBytes: entry.sectors * SECTOR,
    type: `0x${entry.type.toString(16).padStart(2, '0')}`,
    uuid: `${diskId}-${number.toString(16).padStart(2, '0')}`,
    name: undefined,
  };
}

function damaged(what: string, details: Record<string, unknown> = {}): ImageError {
  return new ImageError('IMAGE_PARTITION_TABLE', `The MBR partition table is damaged: ${what}.`, {
    details,
  });
}
