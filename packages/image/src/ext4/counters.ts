import type { BlockCache } from './block-cache.js';
import { SUPERBLOCK_LENGTH, SUPERBLOCK_OFFSET, superblockChecksum, type Superblock } from './superblock.js';
import { READ_ONLY_COMPATIBLE } from './features.js';

/** The parts of the superblock that edits change: free counters and the `large_file` mark. */
export class Counters {
  constructor(
    private readonly superblock: Superblock,
    private readonly cache: BlockCache,
  ) {}

  async freeBlocks(): Promise<number> {
    const raw = await this.#view();
    return raw.readUInt32LE(0xc) + (this.#wide ? raw.readUInt32LE(0x158) * 2 ** 32 : 0);
  }

  async freeInodes(): Promise<number> {
    return (await this.#view()).readUInt32LE(0x10);
  }

  async adjust(blocks: number, inodes: number): Promise<void> {
    const freeBlocks = (await this.freeBlocks()) + blocks;
    const freeInodes = (await this.freeInodes()) + inodes;
    await this.#edit((raw) => {
      raw.writeUInt32LE(Math.max(0, freeBlocks) % 2 ** 32, 0xc);
      if (this.#wide) raw.writeUInt32LE(Math.floor(Math.max(0, freeBlocks) / 2 ** 32), 0x158);
      raw.writeUInt32LE(Math.max(0, freeInodes), 0x10);
    });
  }

  /** Marks that files of 2 GiB and more exist, as the kernel does with the first one. */
  async markLargeFile(): Promise<void> {
    const raw = await this.#view();
    if ((raw.readUInt32LE(0x64) & READ_ONLY_COMPATIBLE.large_file) !== 0) return;
    await this.#edit((edited) => {
      edited.writeUInt32LE((edited.readUInt32LE(0x64) | READ_ONLY_COMPATIBLE.large_file) >>> 0, 0x64);
    });
  }

  get #wide(): boolean {
    return this.superblock.features.has('64bit');
  }

  get #block(): number {
    return Math.floor(SUPERBLOCK_OFFSET / this.superblock.blockSize);
  }

  #slice(block: Buffer): Buffer {
    const offset = SUPERBLOCK_OFFSET % this.superblock.blockSize;
    return block.subarray(offset, offset + SUPERBLOCK_LENGTH);
  }

  async #view(): Promise<Buffer> {
    return this.#slice(await this.cache.get(this.#block));
  }

  async #edit(change: (raw: Buffer) => void): Promise<void> {
    const raw = this.#slice(await this.cache.edit(this.#block));
    change(raw);
    if (this.superblock.features.has('metadata_csum')) raw.writeUInt32LE(superblockChecksum(raw), 0x3fc);
  }
}
