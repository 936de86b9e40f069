import type { BlockCache } from './block-cache.js';
import { crc32c, crc32cNumber } from './checksum.js';
import { corruption } from './corruption.js';
import type { GroupTable } from './group-table.js';
import { Inode } from './inode.js';
import type { Superblock } from './superblock.js';

const CHECKSUM_LOW = 0x7c;
const CHECKSUM_HIGH = 0x82;

/** Reads and writes inodes; within one operation every inode is one object. */
export class InodeTable {
  readonly #loaded = new Map<number, Inode>();
  /** Inodes written since the filesystem was opened. */
  readonly touched = new Set<number>();

  constructor(
    private readonly superblock: Superblock,
    private readonly cache: BlockCache,
    private readonly groups: GroupTable,
  ) {}

  /** Forgets the objects of the last operation. */
  startOperation(): void {
    this.#loaded.clear();
  }

  /** Reads an inode that must be in use. @throws ImageError `IMAGE_FILESYSTEM_CORRUPT`. */
  async get(number: number): Promise<Inode> {
    const loaded = this.#loaded.get(number);
    if (loaded) return loaded;
    const inode = await this.read(number);
    if (inode.links === 0 || inode.type === undefined)
      throw corruption(`inode ${number} is referred to but not in use`);
    this.#loaded.set(number, inode);
    return inode;
  }

  /** Reads an inode's bytes, in use or not, and checks the checksum. */
  async read(number: number): Promise<Inode> {
    const { block, offset } = await this.#locate(number);
    const data = await this.cache.get(block);
    const inode = new Inode(number, Buffer.from(data.subarray(offset, offset + this.superblock.inodeSize)));
    const { extraSize } = inode;
    if (extraSize > this.superblock.inodeSize - 128 || extraSize % 4 !== 0)
      throw corruption(`inode ${number} states ${extraSize} bytes of extra fields`);
    if (!this.#checksumMatches(inode)) throw corruption(`the checksum of inode ${number} is wrong`);
    return inode;
  }

  /** Registers a newly made inode, so that {@link get} finds this object. */
  adopt(inode: Inode): void {
    this.#loaded.set(inode.number, inode);
  }

  /** Stores an inode with its checksum. */
  async write(inode: Inode): Promise<void> {
    if (this.superblock.features.has('metadata_csum')) {
      const checksum = this.#checksum(inode);
      inode.raw.writeUInt16LE(checksum & 0xffff, CHECKSUM_LOW);
      if (inode.hasField(CHECKSUM_HIGH, 2)) inode.raw.writeUInt16LE(checksum >>> 16, CHECKSUM_HIGH);
    }
    const { block, offset } = await this.#locate(inode.number);
    inode.raw.copy(await this.cache.edit(block), offset);
    this.touched.add(inode.number);
  }

  /** Zeroes never-used inodes from `first` (index in its group) to the end of the block that holds `last`. */
  async zero(group: number, first: number, last: number): Promise<void> {
    const { inodeTable } = await this.groups.get(group);
    const { blockSize, inodeSize } = this.superblock;
    const perBlock = blockSize / inodeSize;
    const end = (Math.floor(last / perBlock) + 1) * perBlock;
    for (let index = first; index < end;) {
      const block = inodeTable + Math.floor(index / perBlock);
      const offset = (index % perBlock) * inodeSize;
      if (offset === 0) this.cache.create(block);
      else (await this.cache.edit(block)).fill(0, offset);
      index += perBlock - (index % perBlock);
    }
  }

  /** Start value of checksums over what belongs to an inode: directory and extent blocks. */
  checksumSeed(inode: Inode): number {
    return crc32cNumber(crc32cNumber(this.superblock.checksumSeed, inode.number), inode.generation);
  }

  #checksum(inode: Inode): number {
    const raw = Buffer.from(inode.raw);
    raw.writeUInt16LE(0, CHECKSUM_LOW);
    if (inode.hasField(CHECKSUM_HIGH, 2)) raw.writeUInt16LE(0, CHECKSUM_HIGH);
    return crc32c(this.checksumSeed(inode), raw);
  }

  #checksumMatches(inode: Inode): boolean {
    if (!this.superblock.features.has('metadata_csum')) return true;
    const expected = this.#checksum(inode);
    const low = inode.raw.readUInt16LE(CHECKSUM_LOW);
    const matches = inode.hasField(CHECKSUM_HIGH, 2)
      ? expected === low + inode.raw.readUInt16LE(CHECKSUM_HIGH) * 2 ** 16
      : (expected & 0xffff) === low;
    return matches || inode.raw.every((byte) => byte === 0);
  }

  async #locate(number: number): Promise<{ block: number; offset: number }> {
    const { inodesCount, inodesPerGroup, inodeSize, blockSize } = this.superblock;
    if (number < 1 || number > inodesCount) throw corruption(`there is no inode ${number}`);
    const group = Math.floor((number - 1) / inodesPerGroup);
    const position = ((number - 1) % inodesPerGroup) * inodeSize;
    const { inodeTable } = await this.groups.get(group);
    return { block: inodeTable + Math.floor(position / blockSize), offset: position % blockSize };
  }
}
