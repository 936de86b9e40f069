import { corruption } from './corruption.js';

const ENTRY_HEADER = 16;

/** Name prefixes by the index that stands for them on the disk (Linux `fs/ext4/xattr.h`). */
const PREFIXES = new Map([
  [1, 'user.'],
  [2, 'system.posix_acl_access'],
  [3, 'system.posix_acl_default'],
  [4, 'trusted.'],
  [6, 'security.'],
  [7, 'system.'],
  [8, 'system.richacl'],
]);

/** One extended attribute. */
export interface AttributeRecord {
  /** Number of the name's prefix. */
  readonly index: number;
  readonly name: Buffer;
  readonly value: Buffer;
  /** Inode that holds the value (`ea_inode`); 0 for a value stored in place. */
  readonly valueInode: number;
}

/** The name as `getfattr` shows it. */
export function attributeName(record: AttributeRecord): string {
  return (PREFIXES.get(record.index) ?? `unknown-${record.index}.`) + record.name.toString('utf8');
}

/**
 * Reads attributes from an area: entries grow from its start, values from its end. Values are slices of `area`.
 * @param entriesAt - offset of the first entry.
 * @param valuesFrom - offset that value offsets count from.
 * @throws ImageError `IMAGE_FILESYSTEM_CORRUPT`.
 */
export function readAttributes(
  area: Buffer,
  entriesAt: number,
  valuesFrom: number,
  owner: string,
): AttributeRecord[] {
  const records: AttributeRecord[] = [];
  for (let at = entriesAt; ;) {
    if (at + 4 > area.length) throw corruption(`the extended attributes of ${owner} have no end`);
    if (area.readUInt32LE(at) === 0) return records;
    const nameLength = area.readUInt8(at);
    const next = at + entryLength(nameLength);
    if (next > area.length) throw corruption(`the extended attributes of ${owner} have no end`);
    const size = area.readUInt32LE(at + 8);
    const valueInode = area.readUInt32LE(at + 4);
    const start = valuesFrom + area.readUInt16LE(at + 2);
    if (valueInode === 0 && start + size > area.length)
      throw corruption(`an extended attribute of ${owner} ends outside its area`);
    records.push({
      index: area.readUInt8(at + 1),
      name: Buffer.from(area.subarray(at + ENTRY_HEADER, at + ENTRY_HEADER + nameLength)),
      value: valueInode === 0 ? area.subarray(start, start + size) : Buffer.alloc(0),
      valueInode,
    });
    at = next;
  }
}

/** Bytes that attributes take with their end mark. */
export function attributesLength(records: readonly AttributeRecord[]): number {
  return records.reduce((sum, { name, value }) => sum + entryLength(name.length) + padded(value.length), 4);
}

/**
 * Writes attributes into an area; the caller has made sure that they fit.
 * @param hash - computes the entry's hash; inside inodes it is 0.
 */
export function writeAttributes(
  area: Buffer,
  entriesAt: number,
  valuesFrom: number,
  records: readonly AttributeRecord[],
  hash: (record: AttributeRecord) => number,
): void {
  area.fill(0, entriesAt);
  let at = entriesAt;
  let end = area.length;
  for (const record of records) {
    const { name, value } = record;
    area.writeUInt8(name.length, at);
    area.writeUInt8(record.index, at + 1);
    if (value.length > 0) {
      end -= padded(value.length);
      value.copy(area, end);
      area.writeUInt16LE(end - valuesFrom, at + 2);
    }
    area.writeUInt32LE(value.length, at + 8);
    area.writeUInt32LE(hash(record), at + 12);
    name.copy(area, at + ENTRY_HEADER);
    at += entryLength(name.length);
  }
}

/** Hash of an entry in a block of attributes: over its name, then over the words of its value. */
export function attributeHash({ name, value }: AttributeRecord): number {
  let hash = 0;
  for (const byte of name) hash = ((hash << 5) ^ (hash >>> 27) ^ ((byte << 24) >> 24)) >>> 0;
  const words = Buffer.alloc(padded(value.length));
  value.copy(words);
  for (let at = 0; at < words.length; at += 4)
    hash = ((hash << 16) ^ (hash >>> 16) ^ words.readUInt32LE(at)) >>> 0;
  return hash;
}

/** Order of entries in a block of attributes: by prefix, length of the name, name. */
export function compareAttributes(a: AttributeRecord, b: AttributeRecord): number {
  return a.index - b.index || a.name.length - b.name.length || a.name.compare(b.name);
}

function entryLength(nameLength: number): number {
  return (ENTRY_HEADER + nameLength + 3) & ~3;
}

function padded(length: number): number {
  return (length + 3) & ~3;
}
