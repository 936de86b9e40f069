import { crc16, crc32c, crc32cNumber } from './checksum.js';
import type { Superblock } from './superblock.js';

export const GROUP_INODE_UNINIT = 0x1;
export const GROUP_BLOCK_UNINIT = 0x2;
export const GROUP_INODE_ZEROED = 0x4;

/**
 * One block group's descriptor, seen in place in its block.
 *
 * @remarks Offsets: Linux `fs/ext4/ext4.h`, `struct ext4_group_desc`. High halves exist with descriptors of 64 bytes and more.
 */
export class GroupDescriptor {
  readonly #wide: boolean;

  constructor(
    readonly raw: Buffer,
    readonly group: number,
    private readonly superblock: Superblock,
  ) {
    this.#wide = superblock.descriptorSize >= 64;
  }

  get blockBitmap(): number {
    return this.#block(0x0, 0x20);
  }
  get inodeBitmap(): number {
    return this.#block(0x4, 0x24);
  }
  get inodeTable(): number {
    return this.#block(0x8, 0x28);
  }
  get freeBlocks(): number {
    return this.#get(0xc, 0x2c);
  }
  set freeBlocks(value: number) {
    this.#set(0xc, 0x2c, value);
  }
  get freeInodes(): number {
    return this.#get(0xe, 0x2e);
  }
  set freeInodes(value: number) {
    this.#set(0xe, 0x2e, value);
  }
  get usedDirectories(): number {
    return this.#get(0x10, 0x30);
  }
  set usedDirectories(value: number) {
    this.#set(0x10, 0x30, value);
  }
  /** "Uninitialised" marks; none where groups carry no checksums. */
  get flags(): number {
    return this.superblock.groupChecksums ? this.raw.readUInt16LE(0x12) : 0;
  }
  set flags(value: number) {
    if (this.superblock.groupChecksums) this.raw.writeUInt16LE(value, 0x12);
  }
  /** Inodes at the end of the table that were never used. */
  get unusedInodes(): number {
    return this.superblock.groupChecksums ? this.#get(0x1c, 0x32) : 0;
  }
  set unusedInodes(value: number) {
    if (this.superblock.groupChecksums) this.#set(0x1c, 0x32, value);
  }
  get blockBitmapChecksum(): number {
    return this.#get(0x18, 0x38);
  }
  set blockBitmapChecksum(value: number) {
    this.#set(0x18, 0x38, value);
  }
  get inodeBitmapChecksum(): number {
    return this.#get(0x1a, 0x3a);
  }
  set inodeBitmapChecksum(value: number) {
    this.#set(0x1a, 0x3a, value);
  }

  /** Masks a bitmap checksum to the bits that the descriptor stores. */
  storedBits(checksum: number): number {
    return this.#wide ? checksum >>> 0 : checksum & 0xffff;
  }

  get checksum(): number {
    return this.raw.readUInt16LE(0x1e);
  }

  /** The checksum that belongs to the present content; undefined where descriptors carry none. */
  expectedChecksum(): number | undefined {
    const { superblock, raw } = this;
    if (superblock.features.has('metadata_csum')) {
      let crc = crc32cNumber(superblock.checksumSeed, this.group);
      crc = crc32c(crc, raw.subarray(0, 0x1e));
      crc = crc32c(crc, Buffer.alloc(2));
      return crc32c(crc, raw.subarray(0x20)) & 0xffff;
    }
    if (!superblock.features.has('uninit_bg')) return undefined;
    const number = Buffer.alloc(4);
    number.writeUInt32LE(this.group);
    const crc = crc16(crc16(crc16(0xffff, superblock.rawUuid), number), raw.subarray(0, 0x1e));
    return superblock.features.has('64bit') ? crc16(crc, raw.subarray(0x20)) : crc;
  }

  seal(): void {
    const checksum = this.expectedChecksum();
    if (checksum !== undefined) this.raw.writeUInt16LE(checksum, 0x1e);
  }

  #block(low: number, high: number): number {
    return this.raw.readUInt32LE(low) + (this.#wide ? this.raw.readUInt32LE(high) * 2 ** 32 : 0);
  }

  #get(low: number, high: number): number {
    return this.raw.readUInt16LE(low) + (this.#wide ? this.raw.readUInt16LE(high) * 2 ** 16 : 0);
  }

  #set(low: number, high: number, value: number): void {
    this.raw.writeUInt16LE(value & 0xffff, low);
    if (this.#wide) this.raw.writeUInt16LE(value >>> 16, high);
  }
}
