import type { FileType } from '../filesystem/file-system.js';
import { crc32c } from './checksum.js';
import { corruption } from './corruption.js';

const HEADER = 8;
/** Length of the record at a block's end that holds its checksum. */
export const DIRECTORY_TAIL = 12;
const TAIL_TYPE = 0xde;

const TYPES: readonly FileType[] = [
  'file',
  'directory',
  'character-device',
  'block-device',
  'fifo',
  'socket',
  'symlink',
];

/** One name in a directory. */
export interface DirectoryRecord {
  /** Where the record starts in its block or inline area. */
  readonly offset: number;
  readonly length: number;
  /** 0 for a record that is only room. */
  readonly inode: number;
  readonly name: Buffer;
  /** Undefined on filesystems without the `filetype` feature. */
  readonly type: FileType | undefined;
}

/** A name about to be stored. */
export interface NewRecord {
  readonly inode: number;
  readonly name: Buffer;
  readonly type: FileType | undefined;
}

/** Bytes that a record for a name takes at least. */
export function recordLength(nameLength: number): number {
  return (HEADER + nameLength + 3) & ~3;
}

/** Reads the chain of records in an area. @throws ImageError `IMAGE_FILESYSTEM_CORRUPT`. */
export function readRecords(area: Buffer, owner: string): DirectoryRecord[] {
  const records: DirectoryRecord[] = [];
  for (let offset = 0; offset < area.length;) {
    if (offset + HEADER > area.length) throw corruption(`${owner} ends inside a record`);
    const length = area.readUInt16LE(offset + 4);
    const nameLength = area.readUInt8(offset + 6);
    if (length < recordLength(nameLength) || length % 4 !== 0 || offset + length > area.length)
      throw corruption(`${owner} has a record of ${length} bytes at ${offset}`);
    const inode = area.readUInt32LE(offset);
    const name = area.subarray(offset + HEADER, offset + HEADER + nameLength);
    if (inode !== 0) assertName(name, owner);
    records.push({
      offset,
      length,
      inode,
      name,
      type: TYPES[area.readUInt8(offset + 7) - 1],
    });
    offset += length;
  }
  return records;
}

/** Refuses what no system can have named so; put into a path, it would mean something else. */
function assertName(name: Buffer, owner: string): void {
  if (name.length === 0) throw corruption(`${owner} has an empty name`);
  if (name.includes(0x2f) || name.includes(0)) throw corruption(`${owner} has the name "${name.toString()}"`);
}

/** Stores a record where there is room for it; tells whether there was. */
export function insertRecord(area: Buffer, record: NewRecord, owner: string): boolean {
  const needed = recordLength(record.name.length);
  for (const { offset, length, inode, name } of readRecords(area, owner)) {
    const used = inode === 0 ? 0 : recordLength(name.length);
    if (length - used < needed) continue;
    if (used > 0) area.writeUInt16LE(used, offset + 4);
    writeRecord(area, offset + used, length - used, record);
    return true;
  }
  return false;
}

/** Writes one record of the given length, which may be longer than its name needs. */
export function writeRecord(area: Buffer, offset: number, length: number, record: NewRecord): void {
  area.writeUInt32LE(record.inode, offset);
  area.writeUInt16LE(length, offset + 4);
  area.writeUInt8(record.name.length, offset + 6);
  area.writeUInt8(record.type === undefined ? 0 : TYPES.indexOf(record.type) + 1, offset + 7);
  record.name.copy(area, offset + HEADER);
}

/** Lets the record at an offset mean another inode. */
export function retargetRecord(
  area: Buffer,
  offset: number,
  { inode, type }: Pick<NewRecord, 'inode' | 'type'>,
): void {
  area.writeUInt32LE(inode, offset);
  area.writeUInt8(type === undefined ? 0 : TYPES.indexOf(type) + 1, offset + 7);
}

/** Removes the record at an offset: its room goes to the one before it. */
export function removeRecord(area: Buffer, at: number, owner: string): void {
  const records = readRecords(area, owner);
  const index = records.findIndex(({ offset }) => offset === at);
  const record = records[index];
  if (!record) throw corruption(`${owner} has no record at ${at}`);
  const before = records[index - 1];
  if (before) {
    area.writeUInt16LE(before.length + record.length, before.offset + 4);
    area.fill(0, record.offset, record.offset + record.length);
  } else {
    area.fill(0, record.offset, record.offset + record.length);
    area.writeUInt16LE(record.length, record.offset + 4);
  }
}

/** Fills an area with records one behind the other; the last takes the rest. */
export function packRecords(area: Buffer, records: readonly NewRecord[]): void {
  area.fill(0);
  if (records.length === 0) area.writeUInt16LE(area.length, 4);
  let offset = 0;
  records.forEach((record, index) => {
    const last = index === records.length - 1;
    const length = last ? area.length - offset : recordLength(record.name.length);
    writeRecord(area, offset, length, record);
    offset += length;
  });
}

/** The part of a directory block that holds records: all of it, or all but the checksum's record. */
export function recordArea(block: Buffer, checksums: boolean): Buffer {
  return checksums ? block.subarray(0, block.length - DIRECTORY_TAIL) : block;
}

/** Writes the checksum record at the block's end. */
export function sealDirectoryBlock(block: Buffer, seed: number): void {
  const tail = block.length - DIRECTORY_TAIL;
  block.writeUInt32LE(0, tail);
  block.writeUInt16LE(DIRECTORY_TAIL, tail + 4);
  block.writeUInt8(0, tail + 6);
  block.writeUInt8(TAIL_TYPE, tail + 7);
  block.writeUInt32LE(crc32c(seed, block.subarray(0, tail)), tail + 8);
}

/** Tells whether a directory block carries the right checksum record. */
export function directoryBlockMatches(block: Buffer, seed: number): boolean {
  const tail = block.length - DIRECTORY_TAIL;
  return (
    block.readUInt32LE(tail) === 0 &&
    block.readUInt16LE(tail + 4) === DIRECTORY_TAIL &&
    block.readUInt8(tail + 7) === TAIL_TYPE &&
    block.readUInt32LE(tail + 8) === crc32c(seed, block.subarray(0, tail))
  );
}
