import { crc32 } from 'node:zlib';
import type { ReadableDisk } from '../disk/disk.js';
import { ImageError } from '../image-error.js';
import { formatGuid } from './guid.js';
import type { Partition, PartitionTable } from './partition-table.js';

const HEADER_BYTES = 92;
const SECTOR_SIZES = [512, 4096];
const MAX_ENTRIES_BYTES = 1024 * 1024;
const MAX_LBA = 2n ** 40n; // times 4096 is still a safe integer

interface GptHeader {
  readonly sectorSizeBytes: number;
  readonly ownLba: number;
  readonly otherLba: number;
  readonly diskId: string;
  readonly entriesLba: number;
  readonly entryCount: number;
  readonly entryBytes: number;
  readonly entriesCrc: number;
}

type Side = 'primary' | 'backup';
type Outcome = { readonly header: GptHeader; readonly entries: Buffer } | { readonly problem: string };

/**
 * Reads a GUID partition table (UEFI specification, chapter 5.3).
 *
 * @remarks Both headers and both arrays of entries are verified by their CRC. With a bad primary the backup is used,
 * and with a bad backup the primary; either is told in `notes`.
 * @throws ImageError `IMAGE_PARTITION_TABLE` when neither is good, or the partitions cannot be.
 */
export async function readGpt(disk: ReadableDisk): Promise<PartitionTable> {
  const failures: string[] = [];
  for (const sectorSize of SECTOR_SIZES) {
    if (disk.sizeBytes < 6 * sectorSize) continue;
    const primary = await readSide(disk, sectorSize, 1, 'primary');
    const backup = await readSide(disk, sectorSize, backupLba(disk, sectorSize, primary), 'backup');
    if ('problem' in primary && 'problem' in backup) {
      failures.push(`${primary.problem}; ${backup.problem} (with sectors of ${sectorSize} bytes)`);
      continue;
    }
    const notes: string[] = [];
    if ('problem' in primary) notes.push(`${primary.problem}; the backup was used`);
    if ('problem' in backup) notes.push(backup.problem);
    if (!('problem' in primary) && !('problem' in backup) && !primary.entries.equals(backup.entries))
      notes.push('the primary and the backup partition table differ; the primary was used');
    const good = 'problem' in primary ? backup : primary;
    if ('problem' in good) continue;
    const partitions = parseEntries(disk, good.header, good.entries);
    const { diskId, sectorSizeBytes } = good.header;
    return { scheme: 'gpt', diskId, sectorSizeBytes, partitions, ...(notes.length > 0 ? { notes } : {}) };
  }
  throw damaged(failures[0] ?? 'the disk is too small for one');
}

function backupLba(disk: ReadableDisk, sectorSize: number, primary: Outcome): number {
  const last = Math.floor(disk.sizeBytes / sectorSize) - 1;
  return 'problem' in primary ? last : primary.header.otherLba;
}

async function readSide(disk: ReadableDisk, sectorSize: number, lba: number, side: Side): Promise<Outcome> {
  const bad = (what: string): Outcome => ({ problem: `the ${side} GPT header ${what}` });
  if ((lba + 1) * sectorSize > disk.sizeBytes)
    return bad(`should be at sector ${lba}, beyond the disk's end`);
  const sector = await disk.read(lba * sectorSize, sectorSize);
  if (sector.toString('latin1', 0, 8) !== 'EFI PART') return bad('is missing');
  const headerBytes = sector.readUInt32LE(12);
  if (headerBytes < HEADER_BYTES || headerBytes > sectorSize)
    return bad(`says it is ${headerBytes} bytes long`);
  const stored = sector.readUInt32LE(16);
  const covered = Buffer.from(sector.subarray(0, headerBytes));
  covered.writeUInt32LE(0, 16);
  if (crc32(covered) !== stored) return bad('has a wrong checksum');

  const header: GptHeader = {
    sectorSizeBytes: sectorSize,
    ownLba: readLba(sector, 24),
    otherLba: readLba(sector, 32),
    diskId: formatGuid(sector.subarray(56, 72)),
    entriesLba: readLba(sector, 72),
    entryCount: sector.readUInt32LE(80),
    entryBytes: sector.readUInt32LE(84),
    entriesCrc: sector.readUInt32LE(88),
  };
  if (header.ownLba !== lba) return bad(`says it is at sector ${header.ownLba}, but is at ${lba}`);
  const { entryBytes, entryCount, entriesLba } = header;
  if (entryBytes < 128 || entryBytes % 8 !== 0) return bad(`has entries of ${entryBytes} bytes`);
  if (entryBytes * entryCount > MAX_ENTRIES_BYTES) return bad(`claims ${entryCount} entries`);
  if (entriesLba < 2 || entriesLba * sectorSize + entryBytes * entryCount > disk.sizeBytes)
    return bad(`points outside the disk for its entries`);
  const entries = await disk.read(entriesLba * sectorSize, entryBytes * entryCount);
  if (crc32(entries) !== header.entriesCrc)
    return { problem: `the ${side} GPT entries have a wrong checksum` };
  return { header, entries };
}

function parseEntries(disk: ReadableDisk, header: GptHeader, entries: Buffer): Partition[] {
  const { sectorSizeBytes, entryBytes, entryCount, entriesLba } = header;
  const partitions: Partition[] = [];
  for (let index = 0; index < entryCount; index++) {
    const entry = entries.subarray(index * entryBytes, index * entryBytes + entryBytes);
    if (entry.subarray(0, 16).every((byte) => byte === 0)) continue;
    const number = index + 1;
    const first = readLba(entry, 32);
    const last = readLba(entry, 40);
    if (last < first) throw damaged(`partition ${number} ends before it begins`);
    if ((last + 1) * sectorSizeBytes > disk.sizeBytes)
      throw damaged(
        `partition ${number} goes to byte ${(last + 1) * sectorSizeBytes}, beyond the disk's end`,
        {
          partition: number,
          diskBytes: disk.sizeBytes,
        },
      );
    const entriesEnd = entriesLba + Math.ceil((entryBytes * entryCount) / sectorSizeBytes);
    if (first < 2 || (first < entriesEnd && last >= entriesLba))
      throw damaged(`partition ${number} lies over the partition table itself`);
    partitions.push({
      number,
      offsetBytes: first * sectorSizeBytes,
      sizeBytes: (last - first + 1) * sectorSizeBytes,
      type: formatGuid(entry.subarray(0, 16)).toUpperCase(),
      uuid: formatGuid(entry.subarray(16, 32)),
      name: entry.toString('utf16le', 56, 128).replace(/\0.*$/su, '') || undefined,
    });
  }
  return partitions;
}

/** A sector number; one that no disk can have becomes the largest that arithmetic on bytes stands. */
function readLba(bytes: Buffer, offset: number): number {
  const lba = bytes.readBigUInt64LE(offset);
  return lba > MAX_LBA ? Number(MAX_LBA) : Number(lba);
}

function damaged(what: string, details: Record<string, unknown> = {}): ImageError {
  return new ImageError('IMAGE_PARTITION_TABLE', `The GUID partition table is damaged: ${what}.`, {
    details,
  });
}
