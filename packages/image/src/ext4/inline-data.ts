import {
  attributesLength,
  readAttributes,
  writeAttributes,
  type AttributeRecord,
} from './attribute-record.js';
import { corruption } from './corruption.js';
import { BLOCK_AREA_LENGTH, type Inode } from './inode.js';

const MAGIC = 0xea020000;
const SYSTEM = 7;
const DATA = Buffer.from('data');

/** Reads the attributes stored inside an inode. Values are slices of the inode's bytes. */
export function readBodyAttributes(inode: Inode): AttributeRecord[] {
  const offset = inode.bodyAttributesOffset;
  // Without extra fields the space behind the first 128 bytes was never formatted.
  if (inode.extraSize === 0 || offset + 8 > inode.raw.length) return [];
  if (inode.raw.readUInt32LE(offset) !== MAGIC) return [];
  const area = inode.raw.subarray(offset + 4);
  return readAttributes(area, 0, 0, `inode ${inode.number}`);
}

/** Bytes for attributes inside an inode, end mark included. */
export function bodyAttributesRoom(inode: Inode): number {
  return inode.extraSize === 0 ? 0 : Math.max(0, inode.raw.length - inode.bodyAttributesOffset - 4);
}

/** Replaces the attributes stored inside an inode; the caller has made sure that they fit. */
export function writeBodyAttributes(inode: Inode, records: readonly AttributeRecord[]): void {
  const offset = inode.bodyAttributesOffset;
  if (offset + 8 > inode.raw.length) return;
  inode.raw.fill(0, offset);
  if (records.length === 0) return;
  inode.raw.writeUInt32LE(MAGIC, offset);
  writeAttributes(inode.raw.subarray(offset + 4), 0, 0, records, () => 0);
}

/** Tells whether an attribute is the hidden one that holds the second part of inline data. */
export function isInlineData(record: AttributeRecord): boolean {
  return record.index === SYSTEM && record.name.equals(DATA);
}

/** The two places of an inode's inline data, as live slices: the block area, and the value of `system.data`. */
export function inlineAreas(inode: Inode): { readonly head: Buffer; readonly tail: Buffer } {
  const record = readBodyAttributes(inode).find(isInlineData);
  if (!record) throw corruption(`inode ${inode.number} has lost its inline data`);
  return { head: inode.blockArea, tail: record.value };
}

/** Reads a file's or symlink's inline content. */
export function readInlineContent(inode: Inode): Buffer {
  const { head, tail } = inlineAreas(inode);
  const all = Buffer.concat([head, tail]);
  if (inode.size > all.length) throw corruption(`inode ${inode.number} states more inline data than it has`);
  return all.subarray(0, inode.size);
}

/** Most bytes that an inode can hold inline beside its other attributes. */
export function inlineCapacity(inode: Inode): number {
  const others = readBodyAttributes(inode).filter((record) => !isInlineData(record));
  const empty = { index: SYSTEM, name: DATA, value: Buffer.alloc(0), valueInode: 0 };
  const room = bodyAttributesRoom(inode) - attributesLength([...others, empty]);
  return room < 0 ? -1 : BLOCK_AREA_LENGTH + (room & ~3);
}

/** Stores content inline; it must fit {@link inlineCapacity}. The size is set as well. */
export function writeInlineContent(inode: Inode, content: Buffer): void {
  const others = readBodyAttributes(inode)
    .filter((record) => !isInlineData(record))
    .map((record) => ({ ...record, value: Buffer.from(record.value) }));
  const value = Buffer.from(content.subarray(BLOCK_AREA_LENGTH));
  inode.blockArea.fill(0);
  content.copy(inode.blockArea, 0, 0, BLOCK_AREA_LENGTH);
  writeBodyAttributes(inode, [...others, { index: SYSTEM, name: DATA, value, valueInode: 0 }]);
  inode.size = content.length;
}

/** Takes the inline data out of an inode, which then has an empty block area. */
export function removeInlineData(inode: Inode): void {
  const others = readBodyAttributes(inode)
    .filter((record) => !isInlineData(record))
    .map((record) => ({ ...record, value: Buffer.from(record.value) }));
  inode.blockArea.fill(0);
  writeBodyAttributes(inode, others);
}
