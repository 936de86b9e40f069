import { type FatTime, fromFatTime, toFatTime } from './fat-time.js';

/** Bytes of one slot in a directory. */
export const ENTRY_BYTES = 32;
export const DIRECTORY_ATTRIBUTE = 0x10;
export const VOLUME_LABEL_ATTRIBUTE = 0x08;
export const ARCHIVE_ATTRIBUTE = 0x20;

/** A file or directory as its parent describes it. */
export interface FatEntry {
  readonly name: string;
  /** Eleven bytes as latin1. */
  readonly shortName: string;
  readonly isDirectory: boolean;
  readonly firstCluster: number;
  readonly size: number;
  readonly modified: Date;
  /** Slots in the directory: those of the long name first, the short entry last. */
  readonly firstSlot: number;
  readonly slotCount: number;
}

/** What a short entry is made of. */
export interface ShortEntryFields {
  readonly short: Buffer;
  readonly attributes: number;
  readonly firstCluster: number;
  readonly size: number;
  readonly modified: Date;
}

/** Renders a short entry; all its times are the time of modification. */
export function encodeShortEntry(fields: ShortEntryFields): Buffer {
  const entry = Buffer.alloc(ENTRY_BYTES);
  fields.short.copy(entry);
  entry[11] = fields.attributes;
  const created = toFatTime(fields.modified);
  entry.writeUInt16LE(created.time, 14);
  entry.writeUInt16LE(created.date, 16);
  entry.writeUInt16LE(created.date, 18);
  setContent(entry, fields.firstCluster, fields.size);
  setModified(entry, fields.modified);
  return entry;
}

/** Points a short entry at its content. */
export function setContent(entry: Buffer, firstCluster: number, size: number): void {
  entry.writeUInt16LE(firstCluster >>> 16, 20);
  entry.writeUInt16LE(firstCluster & 0xffff, 26);
  entry.writeUInt32LE(size, 28);
}

/** Sets the time of modification of a short entry. */
export function setModified(entry: Buffer, modified: Date): void {
  const { date, time } = toFatTime(modified);
  entry.writeUInt16LE(time, 22);
  entry.writeUInt16LE(date, 24);
}

/** The time of modification that a short entry states. */
export function readModified(entry: Buffer): Date {
  const stated: FatTime = { time: entry.readUInt16LE(22), date: entry.readUInt16LE(24) };
  return fromFatTime(stated);
}
