import type { BlockCache } from './block-cache.js';
import { corruption } from './corruption.js';
import { GroupDescriptor } from './group-descriptor.js';
import { descriptorBlock, descriptorsPerBlock, inodeTableLength } from './group-layout.js';
import type { Superblock } from './superblock.js';

/** The block group descriptors, read and changed in the cache. */
export class GroupTable {
  /** Groups whose descriptor was changed since the filesystem was opened. */
  readonly touched = new Set<number>();

  constructor(
    private readonly superblock: Superblock,
    private readonly cache: BlockCache,
  ) {}

  /** Reads and checks a group's descriptor. */
  async get(group: number): Promise<GroupDescriptor> {
    const descriptor = this.#view(await this.cache.get(this.#block(group)), group);
    this.#check(descriptor);
    return descriptor;
  }

  /** Changes a descriptor and renews its checksum. */
  async update(group: number, change: (descriptor: GroupDescriptor) => void): Promise<void> {
    await this.get(group);
    const descriptor = this.#view(await this.cache.edit(this.#block(group)), group);
    change(descriptor);
    descriptor.seal();
    this.touched.add(group);
  }

  #block(group: number): number {
    if (group < 0 || group >= this.superblock.groupCount)
      throw corruption(`there is no block group ${group}`);
    return descriptorBlock(this.superblock, Math.floor(group / descriptorsPerBlock(this.superblock)));
  }

  #view(block: Buffer, group: number): GroupDescriptor {
    const size = this.superblock.descriptorSize;
    const offset = (group % descriptorsPerBlock(this.superblock)) * size;
    return new GroupDescriptor(block.subarray(offset, offset + size), group, this.superblock);
  }

  #check(descriptor: GroupDescriptor): void {
    const expected = descriptor.expectedChecksum();
    if (expected !== undefined && expected !== descriptor.checksum)
      throw corruption(`the checksum of block group ${descriptor.group}'s descriptor is wrong`);
    const { firstDataBlock, blocksCount, blocksPerGroup, inodesPerGroup } = this.superblock;
    const tableEnd = descriptor.inodeTable + inodeTableLength(this.superblock);
    const places = [descriptor.blockBitmap, descriptor.inodeBitmap, descriptor.inodeTable];
    const inside = places.every((place) => place > firstDataBlock && place < blocksCount);
    if (!inside || tableEnd > blocksCount)
      throw corruption(`block group ${descriptor.group} has its bitmaps or inodes outside the filesystem`);
    if (
      descriptor.freeBlocks > blocksPerGroup ||
      descriptor.freeInodes > inodesPerGroup ||
      descriptor.unusedInodes > inodesPerGroup
    )
      throw corruption(`block group ${descriptor.group} has impossible counters`);
  }
}
