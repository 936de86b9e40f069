import { ImageError } from '../image-error.js';
import {
  countBlocks,
  cutSegments,
  joinRuns,
  layOut,
  segmentsOf,
  splitRuns,
  type BlockRun,
  type Segment,
} from './block-run.js';
import { unsupportedOperation } from './corruption.js';
import type { FileContentSource } from './file-reader.js';
import { useExtents } from './inode-lifetime.js';
import { INODE_FLAGS, type Inode } from './inode.js';
import { inlineCapacity, readInlineContent, removeInlineData, writeInlineContent } from './inline-data.js';
import type { Volume } from './volume.js';

/** What a file is going to be: which blocks stay, which get new bytes, and which are given up. */
export interface ContentPlan {
  /** Mapping in front of the bytes to write. */
  readonly kept: readonly BlockRun[];
  /** Blocks to write to, in order; they follow `kept`. */
  readonly target: readonly Segment[];
  /** Those of `target` that were allocated for this plan. */
  readonly fresh: readonly Segment[];
  /** Blocks that the file gives up when the plan is carried out. */
  readonly surplus: readonly Segment[];
  /** Bytes to write before the new ones: the start of the first block written. */
  readonly prefix: Buffer;
  readonly firstBlock: number;
  readonly nodeBlocks: readonly number[];
  readonly size: number;
  /** The inode's state that the plan was made for. */
  readonly before: Buffer | undefined;
}

/** How new content relates to what a file has. */
export type ContentMode = 'replace-in-place' | 'replace' | 'append';

/** Content of files: where it is, and how it changes. Everything here runs inside transactions. */
export class FileContent {
  constructor(private readonly volume: Volume) {}

  /** Where a file's, or long symlink's, bytes are. */
  async source(inode: Inode): Promise<FileContentSource> {
    if (inode.has(INODE_FLAGS.encrypt | INODE_FLAGS.compressed | INODE_FLAGS.eaInode))
      throw unsupportedOperation(`Inode ${inode.number} is encrypted or compressed and cannot be read`);
    if (inode.has(INODE_FLAGS.inlineData)) return { inline: readInlineContent(inode) };
    return { runs: (await this.volume.maps.read(inode)).runs, size: inode.size };
  }

  /** Stores content inside the inode, if the inode does so and has the room; tells whether it did. */
  storeInline(inode: Inode, content: Uint8Array, append: boolean): boolean {
    if (!inode.has(INODE_FLAGS.inlineData)) return false;
    const all = append ? Buffer.concat([readInlineContent(inode), content]) : Buffer.from(content);
    if (all.length > inlineCapacity(inode)) return false;
    writeInlineContent(inode, all);
    return true;
  }

  /**
   * Allocates what `length` more bytes need. Without an inode the file is yet to be made, near `goal`.
   * @throws ImageError `IMAGE_NO_SPACE`, `IMAGE_TOO_LARGE`.
   */
  async plan(
    inode: Inode | undefined,
    length: number,
    mode: ContentMode,
    goal: number,
  ): Promise<ContentPlan> {
    const { blockSize } = this.volume.superblock;
    const inline = inode?.has(INODE_FLAGS.inlineData) ? readInlineContent(inode) : undefined;
    const old = inode && !inline ? await this.volume.maps.read(inode) : { runs: [], nodeBlocks: [] };
    const append = mode === 'append' && inode !== undefined;
    const oldSize = append ? inode.size : 0;
    const firstBlock = inline ? 0 : Math.floor(oldSize / blockSize);
    const [kept, rest] = append ? splitRuns(old.runs, firstBlock) : [[], old.runs];
    const [tail, behind] = append ? splitRuns(rest, firstBlock + 1) : [[], rest];
    const prefix = append ? (inline ?? (await this.#tailBytes(tail, oldSize % blockSize))) : Buffer.alloc(0);
    const needed = Math.ceil((prefix.length + length) / blockSize);
    const size = oldSize + length;
    if (firstBlock + needed >= 2 ** 32 || !Number.isSafeInteger(size))
      throw new ImageError('IMAGE_TOO_LARGE', `A file of ${size} bytes is too large for ext4.`);
    const inPlace = mode === 'replace-in-place' ? segmentsOf(rest) : append ? segmentsOf(tail) : [];
    const [reused, surplus] = cutSegments(inPlace, needed);
    const last = reused.at(-1) ?? segmentsOf(kept).at(-1);
    const missing = needed - countBlocks(reused);
    const fresh =
      missing > 0 ? await this.volume.blocks.allocate(last ? last.start + last.count : goal, missing) : [];
    return {
      kept,
      target: [...reused, ...fresh],
      fresh,
      surplus: [...surplus, ...(mode === 'replace-in-place' ? [] : segmentsOf(behind))],
      prefix,
      firstBlock,
      nodeBlocks: old.nodeBlocks,
      size,
      before: inode && Buffer.from(inode.raw),
    };
  }

  /** Gives an inode the blocks of a plan. */
  async carryOut(inode: Inode, plan: ContentPlan): Promise<void> {
    if (plan.before && !plan.before.equals(inode.raw))
      throw unsupportedOperation(`Inode ${inode.number} was changed while it was written to`);
    if (inode.has(INODE_FLAGS.inlineData)) await this.leaveInline(inode);
    await this.volume.blocks.free(plan.surplus);
    await this.volume.maps.write(
      inode,
      joinRuns(plan.kept, layOut(plan.target, plan.firstBlock)),
      plan.nodeBlocks,
    );
    inode.size = plan.size;
    if (plan.size >= 2 ** 31) await this.volume.counters.markLargeFile();
  }

  /** Takes everything from a file; its inode stays. */
  async truncate(inode: Inode): Promise<void> {
    if (inode.has(INODE_FLAGS.inlineData)) await this.leaveInline(inode);
    const { runs, nodeBlocks } = await this.volume.maps.read(inode);
    await this.volume.blocks.free(segmentsOf(runs));
    await this.volume.maps.write(inode, [], nodeBlocks);
    inode.size = 0;
  }

  /** Turns an inode with inline data into an empty one with a block mapping. */
  async leaveInline(inode: Inode): Promise<void> {
    removeInlineData(inode);
    inode.flags &= ~INODE_FLAGS.inlineData;
    inode.size = 0;
    if (this.volume.superblock.features.has('extent')) await useExtents(this.volume, inode);
  }

  async #tailBytes(tail: readonly BlockRun[], length: number): Promise<Buffer> {
    const [run] = tail;
    if (length === 0 || !run || run.unwritten) return Buffer.alloc(length);
    return this.volume.disk.read(run.physical * this.volume.superblock.blockSize, length);
  }
}
