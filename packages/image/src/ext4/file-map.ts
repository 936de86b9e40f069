import type { BlockAllocator } from './block-allocator.js';
import type { BlockCache } from './block-cache.js';
import { countBlocks, type BlockRun } from './block-run.js';
import { corruption } from './corruption.js';
import { readExtentTree, writeExtentTree, type BlockMap } from './extent-tree.js';
import { groupStart } from './group-layout.js';
import { readIndirectBlocks, writeIndirectBlocks } from './indirect-blocks.js';
import { INODE_FLAGS, type Inode } from './inode.js';
import type { InodeTable } from './inode-table.js';
import { NodeBlocks } from './node-blocks.js';
import type { Superblock } from './superblock.js';
import type { SystemZones } from './system-zones.js';

const SECTOR = 512;

/** Maps files to blocks, by extents or indirect blocks, whichever an inode uses. */
export class FileMap {
  constructor(
    private readonly superblock: Superblock,
    private readonly cache: BlockCache,
    private readonly inodes: InodeTable,
    private readonly allocator: BlockAllocator,
    private readonly zones: SystemZones,
  ) {}

  /** Reads where a file's blocks are. Not for inodes whose content is inline or a short symlink. */
  async read(inode: Inode): Promise<BlockMap> {
    const owner = `inode ${inode.number}`;
    const map = inode.has(INODE_FLAGS.extents)
      ? await readExtentTree(inode.blockArea, { cache: this.cache, seed: this.#seed(inode), owner })
      : await readIndirectBlocks(inode.blockArea, this.cache, owner);
    for (const { physical, count } of map.runs)
      if (this.zones.overlaps(physical, count))
        throw corruption(`${owner} claims the filesystem's own block ${physical}`);
    return map;
  }

  /** Stores a new mapping and the block count that follows from it; the blocks themselves are the caller's affair. */
  async write(inode: Inode, runs: readonly BlockRun[], oldNodeBlocks: readonly number[]): Promise<void> {
    const goal = runs[0]?.physical ?? this.goal(inode.number);
    const nodes = new NodeBlocks(this.cache, this.allocator, oldNodeBlocks, goal);
    if (inode.has(INODE_FLAGS.extents))
      await writeExtentTree(inode.blockArea, runs, nodes, this.superblock.blockSize, this.#seed(inode));
    else await writeIndirectBlocks(inode.blockArea, runs, nodes, this.superblock.blockSize);
    await nodes.finish();
    this.setBlockCount(inode, countBlocks(runs) + nodes.blocks.length + (inode.attributeBlock ? 1 : 0));
  }

  /** Blocks that an inode states to use, for content, mapping and attributes. */
  blockCount(inode: Inode): number {
    const { blockSize } = this.superblock;
    return inode.has(INODE_FLAGS.hugeFile) ? inode.rawBlockCount : inode.rawBlockCount / (blockSize / SECTOR);
  }

  setBlockCount(inode: Inode, blocks: number): void {
    const sectors = blocks * (this.superblock.blockSize / SECTOR);
    const wide = this.superblock.features.has('huge_file');
    if (sectors >= (wide ? 2 ** 48 : 2 ** 32)) {
      if (!wide) throw corruption(`inode ${inode.number} is larger than this filesystem can express`);
      inode.flags |= INODE_FLAGS.hugeFile;
      inode.rawBlockCount = blocks;
      return;
    }
    inode.flags &= ~INODE_FLAGS.hugeFile;
    inode.rawBlockCount = sectors;
  }

  /** Where blocks of an inode should go when nothing better is known: behind the last new ones, else its own group. */
  goal(inodeNumber: number): number {
    const { recent } = this.allocator;
    if (recent !== undefined) return recent;
    return groupStart(this.superblock, Math.floor((inodeNumber - 1) / this.superblock.inodesPerGroup));
  }

  #seed(inode: Inode): number | undefined {
    return this.superblock.features.has('metadata_csum') ? this.inodes.checksumSeed(inode) : undefined;
  }
}
