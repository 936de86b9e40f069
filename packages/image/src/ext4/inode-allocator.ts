import { ImageError } from '../image-error.js';
import { fillBits, nextClearRun, testBit } from './bitmap.js';
import type { BlockAllocator } from './block-allocator.js';
import type { BlockCache } from './block-cache.js';
import { crc32c } from './checksum.js';
import { corruption } from './corruption.js';
import type { Counters } from './counters.js';
import { GROUP_INODE_UNINIT, type GroupDescriptor } from './group-descriptor.js';
import type { GroupTable } from './group-table.js';
import type { InodeTable } from './inode-table.js';
import type { Superblock } from './superblock.js';

/** Gives out and takes back inode numbers, near the parent directory's. */
export class InodeAllocator {
  /** Groups whose bitmap was found to match its checksum; what changes it later renews the checksum. */
  readonly #verified = new Set<number>();

  constructor(
    private readonly superblock: Superblock,
    private readonly cache: BlockCache,
    private readonly groups: GroupTable,
    private readonly counters: Counters,
    private readonly blocks: BlockAllocator,
    private readonly inodes: InodeTable,
  ) {}

  /** Reserves an inode number close to another inode. @throws ImageError `IMAGE_NO_INODES`. */
  async allocate(near: number, isDirectory: boolean): Promise<number> {
    const { groupCount, inodesPerGroup, firstInode } = this.superblock;
    const home = Math.floor((near - 1) / inodesPerGroup);
    for (let step = 0; step < groupCount; step++) {
      const group = (home + step) % groupCount;
      if ((await this.groups.get(group)).freeInodes === 0) continue;
      const reserved = Math.max(0, firstInode - 1 - group * inodesPerGroup);
      const index = nextClearRun(await this.bitmap(group), reserved, inodesPerGroup)?.start;
      if (index === undefined) continue;
      await this.#take(group, index, isDirectory);
      return group * inodesPerGroup + index + 1;
    }
    throw new ImageError('IMAGE_NO_INODES', 'The ext4 filesystem has no free inode left.');
  }

  /** Gives an inode number back. */
  async free(number: number, wasDirectory: boolean): Promise<void> {
    const { inodesPerGroup, firstInode } = this.superblock;
    const group = Math.floor((number - 1) / inodesPerGroup);
    const index = (number - 1) % inodesPerGroup;
    if (number < firstInode) throw corruption(`reserved inode ${number} has a name`);
    await this.bitmap(group); // checks the checksum
    const bitmap = await this.cache.edit((await this.groups.get(group)).inodeBitmap);
    if (!testBit(bitmap, index)) throw corruption(`inode ${number} is in use but marked free`);
    fillBits(bitmap, index, 1, false);
    await this.groups.update(group, (descriptor) => {
      descriptor.freeInodes++;
      if (wasDirectory) descriptor.usedDirectories = Math.max(0, descriptor.usedDirectories - 1);
      descriptor.inodeBitmapChecksum = this.checksumOf(bitmap, descriptor);
    });
    await this.counters.adjust(0, 1);
  }

  /** Reads a group's inode bitmap, or makes up the one an uninitialised group stands for. */
  async bitmap(group: number): Promise<Buffer> {
    const descriptor = await this.groups.get(group);
    if (descriptor.flags & GROUP_INODE_UNINIT) return this.#initial();
    const bitmap = await this.cache.get(descriptor.inodeBitmap);
    if (this.#verified.has(group)) return bitmap;
    if (this.checksumOf(bitmap, descriptor) !== descriptor.inodeBitmapChecksum)
      throw corruption(`the checksum of block group ${group}'s inode bitmap is wrong`);
    this.#verified.add(group);
    return bitmap;
  }

  /** Lets every bitmap be compared with its checksum again when it is read next. */
  distrust(): void {
    this.#verified.clear();
  }

  /** The checksum that belongs to a bitmap; what is stored where none is kept. */
  checksumOf(bitmap: Buffer, descriptor: GroupDescriptor): number {
    if (!this.superblock.features.has('metadata_csum')) return descriptor.inodeBitmapChecksum;
    const covered = bitmap.subarray(0, this.superblock.inodesPerGroup / 8);
    return descriptor.storedBits(crc32c(this.superblock.checksumSeed, covered));
  }

  async #take(group: number, index: number, isDirectory: boolean): Promise<void> {
    const { inodesPerGroup } = this.superblock;
    const before = await this.groups.get(group);
    const fresh = (before.flags & GROUP_INODE_UNINIT) !== 0;
    const everUsed = fresh ? 0 : inodesPerGroup - before.unusedInodes;
    if (fresh) {
      this.#initial().copy(this.cache.create(before.inodeBitmap));
      await this.blocks.initialise(group);
    }
    // Behind the last inode ever used, the table may still hold whatever was on the disk.
    if (index >= everUsed) await this.inodes.zero(group, everUsed, index);
    const bitmap = await this.cache.edit(before.inodeBitmap);
    fillBits(bitmap, index, 1, true);
    await this.groups.update(group, (descriptor) => {
      descriptor.flags &= ~GROUP_INODE_UNINIT;
      descriptor.freeInodes--;
      if (isDirectory) descriptor.usedDirectories++;
      descriptor.unusedInodes = inodesPerGroup - Math.max(everUsed, index + 1);
      descriptor.inodeBitmapChecksum = this.checksumOf(bitmap, descriptor);
    });
    await this.counters.adjust(0, -1);
  }

  #initial(): Buffer {
    const bitmap = Buffer.alloc(this.superblock.blockSize);
    const { inodesPerGroup } = this.superblock;
    fillBits(bitmap, inodesPerGroup, this.superblock.blockSize * 8 - inodesPerGroup, true);
    return bitmap;
  }
}
