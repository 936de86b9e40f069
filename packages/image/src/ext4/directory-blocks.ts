import { ImageError } from '../image-error.js';
import { endOfRuns, joinRuns } from './block-run.js';
import { corruption } from './corruption.js';
import { recordArea, sealDirectoryBlock } from './directory-block.js';
import type { Inode } from './inode.js';
import type { Volume } from './volume.js';

/** A directory in more bytes than this is refused: over a million names. */
export const MAX_DIRECTORY_BYTES = 64 * 2 ** 20;

/** The blocks of one directory: where they are, how one more is added, and what guards them. */
export class DirectoryBlocks {
  constructor(
    private readonly volume: Volume,
    readonly inode: Inode,
    private readonly owner: string,
  ) {}

  /** Start value of the directory's checksums; undefined where there are none. */
  get seed(): number | undefined {
    return this.volume.superblock.features.has('metadata_csum')
      ? this.volume.inodes.checksumSeed(this.inode)
      : undefined;
  }

  /** The part of a block that holds records. */
  records(block: Buffer): Buffer {
    return recordArea(block, this.seed !== undefined);
  }

  /** Renews the checksum of a block of records, if there is one. */
  seal(block: Buffer): void {
    const { seed } = this;
    if (seed !== undefined) sealDirectoryBlock(block, seed);
  }

  /** The blocks' numbers on the disk, in order. */
  async list(): Promise<number[]> {
    const { blockSize } = this.volume.superblock;
    if (this.inode.size % blockSize !== 0 || this.inode.size === 0)
      throw corruption(`the ${this.owner} is ${this.inode.size} bytes long`);
    const { runs } = await this.volume.maps.read(this.inode);
    const count = this.inode.size / blockSize;
    const blocks: number[] = [];
    for (const run of runs) {
      if (run.logical !== blocks.length || run.unwritten) throw corruption(`the ${this.owner} has holes`);
      for (let index = 0; index < run.count && blocks.length < count; index++)
        blocks.push(run.physical + index);
    }
    if (blocks.length !== count) throw corruption(`the ${this.owner} is shorter than it states`);
    return blocks;
  }

  /** Adds a block, which then has to be filled; its number on the disk. @throws ImageError `IMAGE_NO_SPACE`. */
  async append(): Promise<number> {
    const { inode, volume } = this;
    const { runs, nodeBlocks } = await volume.maps.read(inode);
    const last = runs.at(-1);
    const goal = last ? last.physical + last.count : volume.maps.goal(inode.number);
    const logical = inode.size / volume.superblock.blockSize;
    if (endOfRuns(runs) !== logical) throw corruption(`the ${this.owner} has holes or blocks behind its end`);
    if (inode.size >= MAX_DIRECTORY_BYTES)
      throw new ImageError('IMAGE_NO_SPACE', `The ${this.owner} is too large to grow.`);
    const physical = await volume.blocks.allocateOne(goal);
    const fresh = { logical, physical, count: 1, unwritten: false };
    await volume.maps.write(inode, joinRuns(runs, [fresh]), nodeBlocks);
    inode.size += volume.superblock.blockSize;
    return physical;
  }
}
