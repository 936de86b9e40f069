import type { FileType } from '../filesystem/file-system.js';

export const INODE_FLAGS = {
  sync: 0x8,
  immutable: 0x10,
  append: 0x20,
  noDump: 0x40,
  noAtime: 0x80,
  compressed: 0x200 | 0x400,
  encrypt: 0x800,
  index: 0x1000,
  journalData: 0x4000,
  noTail: 0x8000,
  dirSync: 0x10000,
  topDir: 0x20000,
  hugeFile: 0x40000,
  extents: 0x80000,
  verity: 0x100000,
  eaInode: 0x200000,
  inlineData: 0x10000000,
  casefold: 0x40000000,
} as const;

const TYPE_BITS: Readonly<Record<FileType, number>> = {
  fifo: 0x1000,
  'character-device': 0x2000,
  directory: 0x4000,
  'block-device': 0x6000,
  file: 0x8000,
  symlink: 0xa000,
  socket: 0xc000,
};
const TYPE_OF_BITS = new Map(Object.entries(TYPE_BITS).map(([type, bits]) => [bits, type as FileType]));

/** The `i_mode` bits of a file type. */
export function modeBitsOf(type: FileType): number {
  return TYPE_BITS[type];
}

const GOOD_OLD_SIZE = 128;
/** Offset and length of `i_block`: direct pointers, the extent root, a short symlink, or inline data. */
export const BLOCK_AREA_OFFSET = 0x28;
export const BLOCK_AREA_LENGTH = 60;

/** The four times of an inode, by their offsets: seconds, and the word with nanoseconds and two more bits of seconds. */
const TIMES = {
  access: [0x8, 0x8c],
  change: [0xc, 0x84],
  modification: [0x10, 0x88],
  creation: [0x90, 0x94],
} as const;

/**
 * One inode: a copy of its bytes with names for the fields.
 *
 * @remarks Offsets: Linux `fs/ext4/ext4.h`, `struct ext4_inode`.
 */
export class Inode {
  constructor(
    readonly number: number,
    readonly raw: Buffer,
  ) {}

  get type(): FileType | undefined {
    return TYPE_OF_BITS.get(this.mode & 0xf000);
  }
  get isDirectory(): boolean {
    return this.type === 'directory';
  }
  get mode(): number {
    return this.raw.readUInt16LE(0x0);
  }
  set mode(value: number) {
    this.raw.writeUInt16LE(value, 0x0);
  }
  get uid(): number {
    return this.raw.readUInt16LE(0x2) + this.raw.readUInt16LE(0x78) * 2 ** 16;
  }
  set uid(value: number) {
    this.raw.writeUInt16LE(value & 0xffff, 0x2);
    this.raw.writeUInt16LE(value >>> 16, 0x78);
  }
  get gid(): number {
    return this.raw.readUInt16LE(0x18) + this.raw.readUInt16LE(0x7a) * 2 ** 16;
  }
  set gid(value: number) {
    this.raw.writeUInt16LE(value & 0xffff, 0x18);
    this.raw.writeUInt16LE(value >>> 16, 0x7a);
  }
  get size(): number {
    return this.raw.readUInt32LE(0x4) + this.raw.readUInt32LE(0x6c) * 2 ** 32;
  }
  set size(value: number) {
    this.raw.writeUInt32LE(value % 2 ** 32, 0x4);
    this.raw.writeUInt32LE(Math.floor(value / 2 ** 32), 0x6c);
  }
  get links(): number {
    return this.raw.readUInt16LE(0x1a);
  }
  set links(value: number) {
    this.raw.writeUInt16LE(value, 0x1a);
  }
  get flags(): number {
    return this.raw.readUInt32LE(0x20);
  }
  set flags(value: number) {
    this.raw.writeUInt32LE(value >>> 0, 0x20);
  }
  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }
  get generation(): number {
    return this.raw.readUInt32LE(0x64);
  }
  set generation(value: number) {
    this.raw.writeUInt32LE(value >>> 0, 0x64);
  }
  /** Block of extended attributes outside the inode; 0 for none. */
  get attributeBlock(): number {
    return this.raw.readUInt32LE(0x68) + this.raw.readUInt16LE(0x76) * 2 ** 32;
  }
  set attributeBlock(value: number) {
    this.raw.writeUInt32LE(value % 2 ** 32, 0x68);
    this.raw.writeUInt16LE(Math.floor(value / 2 ** 32), 0x76);
  }
  /** Raw 48-bit block counter, in the unit that the flags say. */
  get rawBlockCount(): number {
    return this.raw.readUInt32LE(0x1c) + this.raw.readUInt16LE(0x74) * 2 ** 32;
  }
  set rawBlockCount(value: number) {
    this.raw.writeUInt32LE(value % 2 ** 32, 0x1c);
    this.raw.writeUInt16LE(Math.floor(value / 2 ** 32), 0x74);
  }
  /** The 60 bytes of `i_block`, in place. */
  get blockArea(): Buffer {
    return this.raw.subarray(BLOCK_AREA_OFFSET, BLOCK_AREA_OFFSET + BLOCK_AREA_LENGTH);
  }
  /** Bytes of named fields behind the first 128. */
  get extraSize(): number {
    return this.raw.length > GOOD_OLD_SIZE ? this.raw.readUInt16LE(0x80) : 0;
  }
  set extraSize(value: number) {
    if (this.raw.length > GOOD_OLD_SIZE) this.raw.writeUInt16LE(value, 0x80);
  }
  /** Where the extended attributes inside the inode begin, in bytes. */
  get bodyAttributesOffset(): number {
    return GOOD_OLD_SIZE + this.extraSize;
  }
  hasField(offset: number, length: number): boolean {
    return offset + length <= GOOD_OLD_SIZE + this.extraSize;
  }

  time(which: keyof typeof TIMES): Date {
    const [secondsAt, extraAt] = TIMES[which];
    if (which === 'creation' && !this.hasField(secondsAt, 4)) return new Date(0);
    const seconds = this.raw.readInt32LE(secondsAt);
    if (!this.hasField(extraAt, 4)) return new Date(seconds * 1000);
    const extra = this.raw.readUInt32LE(extraAt);
    return new Date((seconds + (extra & 3) * 2 ** 32) * 1000 + Math.floor((extra >>> 2) / 1e6));
  }

  /** Sets a time with the precision and range that the inode's size allows. */
  setTime(which: keyof typeof TIMES, time: Date): void {
    const [secondsAt, extraAt] = TIMES[which];
    if (which === 'creation' && !this.hasField(secondsAt, 8)) return;
    const milliseconds = time.getTime();
    const wide = this.hasField(extraAt, 4);
    const latest = wide ? 0x37fffffff : 0x7fffffff;
    const seconds = Math.min(Math.max(Math.floor(milliseconds / 1000), -0x80000000), latest);
    this.raw.writeInt32LE(seconds | 0, secondsAt);
    if (!wide) return;
    const nanoseconds = Math.floor(milliseconds - Math.floor(milliseconds / 1000) * 1000) * 1e6;
    const epoch = Math.floor((seconds - (seconds | 0)) / 2 ** 32) & 3;
    this.raw.writeUInt32LE(((nanoseconds << 2) | epoch) >>> 0, extraAt);
  }
}
