import { crc32 } from 'node:zlib';
import type { ReadableDisk } from '../disk/disk.js';
import { parseGuid } from './guid.js';
import { isProtective, parseBootRecord } from './mbr.js';

const SECTOR = 512;
const HEADER_BYTES = 92;
const ENTRY_BYTES = 128;
const ENTRY_COUNT = 128;
const ENTRIES_SECTORS = (ENTRY_BYTES * ENTRY_COUNT) / SECTOR;

/** Bytes that a GUID partition table takes at the begin of a disk: boot record, header, entries. */
export const GPT_HEAD_BYTES = (2 + ENTRIES_SECTORS) * SECTOR;
/** Bytes of its copy at the end: entries, header. */
export const GPT_TAIL_BYTES = (1 + ENTRIES_SECTORS) * SECTOR;

/** A partition to be put on record. */
export interface NewPartition {
  /** First byte and length; multiples of 512. */
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  /** GUIDs. */
  readonly type: string;
  readonly uuid: string;
  readonly name: string;
  /** Whether firmware that looks for it takes it for the one to boot from (attribute bit 2). Default false. */
  readonly bootable?: boolean;
}

/** Both copies of a GUID partition table, as they lie at the begin and at the end of a disk. */
export interface RenderedGpt {
  readonly head: Buffer;
  readonly tail: Buffer;
}

/**
 * Renders a GUID partition table (UEFI specification, chapter 5.3) for sectors of 512 bytes.
 *
 * @param diskId - GUID of the disk
 * @param diskBytes - a multiple of 512
 */
export function renderGpt(
  diskId: string,
  partitions: readonly NewPartition[],
  diskBytes: number,
): RenderedGpt {
  const entries = Buffer.alloc(ENTRY_BYTES * ENTRY_COUNT);
  for (const [index, partition] of partitions.entries()) {
    const entry = entries.subarray(index * ENTRY_BYTES, (index + 1) * ENTRY_BYTES);
    parseGuid(partition.type).copy(entry, 0);
    parseGuid(partition.uuid).copy(entry, 16);
    const first = partition.offsetBytes / SECTOR;
    entry.writeBigUInt64LE(BigInt(first), 32);
    entry.writeBigUInt64LE(BigInt(first + partition.sizeBytes / SECTOR - 1), 40);
    entry.writeBigUInt64LE(partition.bootable === true ? 4n : 0n, 48);
    entry.write(partition.name.slice(0, 36), 56, 'utf16le');
  }
  const header = Buffer.alloc(SECTOR);
  header.write('EFI PART', 0, 'latin1');
  header.writeUInt32LE(0x0001_0000, 8);
  header.writeUInt32LE(HEADER_BYTES, 12);
  header.writeBigUInt64LE(BigInt(2 + ENTRIES_SECTORS), 40);
  parseGuid(diskId).copy(header, 56);
  header.writeUInt32LE(ENTRY_COUNT, 80);
  header.writeUInt32LE(ENTRY_BYTES, 84);
  const record = Buffer.alloc(SECTOR);
  record.writeUInt8(0xee, 446 + 4);
  record.writeUInt32LE(1, 446 + 8);
  record.writeUInt16LE(0xaa55, 510);
  return assemble(record, header, entries, diskBytes);
}

/**
 * The partition table of an image for a disk of another size: the copy at the end belongs to the end of the disk, and the
 * space behind the last partition is to be usable.
 *
 * @param diskBytes - a multiple of 512, not less than the image
 * @returns Undefined when the image has none with sectors of 512 bytes and entries of the usual size: it is then right on
 * any disk, or not ours to change.
 */
export async function gptForDisk(image: ReadableDisk, diskBytes: number): Promise<RenderedGpt | undefined> {
  if (image.sizeBytes < GPT_HEAD_BYTES) return undefined;
  const head = await image.read(0, GPT_HEAD_BYTES);
  const record = head.subarray(0, SECTOR);
  const header = head.subarray(SECTOR, 2 * SECTOR);
  const slots = parseBootRecord(record);
  if (slots === undefined || !isProtective(slots)) return undefined;
  const isUsual =
    header.toString('latin1', 0, 8) === 'EFI PART' &&
    header.readUInt32LE(12) === HEADER_BYTES &&
    header.readBigUInt64LE(72) === 2n &&
    header.readUInt32LE(80) === ENTRY_COUNT &&
    header.readUInt32LE(84) === ENTRY_BYTES;
  if (!isUsual) return undefined;
  return assemble(record, header, head.subarray(2 * SECTOR), diskBytes);
}

function assemble(record: Buffer, header: Buffer, entries: Buffer, diskBytes: number): RenderedGpt {
  const sectors = Math.floor(diskBytes / SECTOR);
  const last = sectors - 1;
  const protective = Buffer.from(record);
  for (let at = 446; at < 510; at += 16)
    if (protective.readUInt8(at + 4) === 0xee) protective.writeUInt32LE(Math.min(last, 0xffff_ffff), at + 12);
  const sealed = (own: number, other: number, entriesAt: number): Buffer => {
    const copy = Buffer.from(header);
    copy.writeUInt32LE(0, 16);
    copy.writeBigUInt64LE(BigInt(own), 24);
    copy.writeBigUInt64LE(BigInt(other), 32);
    copy.writeBigUInt64LE(BigInt(last - ENTRIES_SECTORS - 1), 48);
    copy.writeBigUInt64LE(BigInt(entriesAt), 72);
    copy.writeUInt32LE(crc32(entries), 88);
    copy.writeUInt32LE(crc32(copy.subarray(0, HEADER_BYTES)), 16);
    return copy;
  };
  return {
    head: Buffer.concat([protective, sealed(1, last, 2), entries]),
    tail: Buffer.concat([entries, sealed(last, 1, last - ENTRIES_SECTORS)]),
  };
}
