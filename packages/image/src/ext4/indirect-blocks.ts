import { ImageError } from '../image-error.js';
import type { BlockCache } from './block-cache.js';
import { RunCollector, type BlockRun } from './block-run.js';
import { corruption } from './corruption.js';
import type { BlockMap } from './extent-tree.js';
import type { NodeBlocks } from './node-blocks.js';

const DIRECT = 12;
const LEVELS = 3;

/**
 * Reads the mapping of ext2 and ext3 files: twelve direct pointers, then blocks of pointers one to three deep.
 * @throws ImageError `IMAGE_FILESYSTEM_CORRUPT`, also for a block of pointers that is used twice.
 */
export async function readIndirectBlocks(root: Buffer, cache: BlockCache, owner: string): Promise<BlockMap> {
  const collector = new RunCollector(owner);
  const nodeBlocks: number[] = [];
  const seen = new Set<number>();
  const perBlock = cache.blockSize / 4;

  const visit = async (pointer: number, level: number, logical: number): Promise<void> => {
    if (pointer === 0) return;
    if (pointer >= cache.blocksCount) throw corruption(`a block of ${owner} lies outside the filesystem`);
    if (level === 0) {
      collector.add({ logical, physical: pointer, count: 1, unwritten: false });
      return;
    }
    if (seen.has(pointer)) throw corruption(`${owner} uses block ${pointer} of pointers twice`);
    seen.add(pointer);
    nodeBlocks.push(pointer);
    const node = await cache.get(pointer);
    const span = perBlock ** (level - 1);
    for (let index = 0; index < perBlock; index++) {
      const child = node.readUInt32LE(index * 4);
      if (child !== 0) await visit(child, level - 1, logical + index * span);
    }
  };

  for (let index = 0; index < DIRECT; index++) await visit(root.readUInt32LE(index * 4), 0, index);
  let logical = DIRECT;
  for (let level = 1; level <= LEVELS; level++) {
    await visit(root.readUInt32LE((DIRECT + level - 1) * 4), level, logical);
    logical += perBlock ** level;
  }
  return { runs: collector.runs, nodeBlocks };
}

/** Blocks of pointers that a mapping of `blocks` blocks without holes needs. */
export function indirectOverhead(blocks: number, blockSize: number): number {
  const perBlock = blockSize / 4;
  let left = blocks - DIRECT;
  let overhead = 0;
  for (let level = 1; level <= LEVELS && left > 0; level++) {
    const covered = Math.min(left, perBlock ** level);
    for (let depth = 1; depth <= level; depth++) overhead += Math.ceil(covered / perBlock ** depth);
    left -= covered;
  }
  return overhead;
}

/**
 * Writes runs as direct and indirect pointers: the root into `root`, the rest into blocks from `nodes`.
 * @throws ImageError `IMAGE_TOO_LARGE` for what such a mapping cannot express.
 */
export async function writeIndirectBlocks(
  root: Buffer,
  runs: readonly BlockRun[],
  nodes: NodeBlocks,
  blockSize: number,
): Promise<void> {
  const perBlock = blockSize / 4;
  const limit = DIRECT + perBlock + perBlock ** 2 + perBlock ** 3;
  const last = runs.at(-1);
  if (last && (last.logical + last.count > limit || runs.some((run) => run.physical + run.count > 2 ** 32)))
    throw new ImageError('IMAGE_TOO_LARGE', 'The file is too large for a filesystem without extents.', {
      hint: 'Use a base image whose ext4 has the "extent" feature.',
    });

  const build = async (level: number, first: number): Promise<number> => {
    const span = perBlock ** level;
    const inside = runsWithin(runs, first, first + span);
    if (inside.length === 0) return 0;
    if (level === 0) return inside[0]?.physical ?? 0;
    const block = await nodes.take();
    const node = Buffer.alloc(blockSize);
    const step = perBlock ** (level - 1);
    if (level === 1) {
      for (const run of inside)
        for (let index = 0; index < run.count; index++)
          node.writeUInt32LE(run.physical + index, (run.logical + index - first) * 4);
    } else
      for (let index = 0; index < perBlock; index++)
        node.writeUInt32LE(await build(level - 1, first + index * step), index * 4);
    await nodes.write(block, node);
    return block;
  };

  root.fill(0);
  for (let index = 0; index < DIRECT; index++) root.writeUInt32LE(await build(0, index), index * 4);
  let logical = DIRECT;
  for (let level = 1; level <= LEVELS; level++) {
    root.writeUInt32LE(await build(level, logical), (DIRECT + level - 1) * 4);
    logical += perBlock ** level;
  }
}

/** The parts of runs in a range of logical blocks; runs are sorted, so the first is found by bisection. */
function runsWithin(runs: readonly BlockRun[], from: number, to: number): BlockRun[] {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const run = runs[middle];
    if (run && run.logical + run.count <= from) low = middle + 1;
    else high = middle;
  }
  const inside: BlockRun[] = [];
  for (let index = low; index < runs.length; index++) {
    const run = runs[index];
    if (!run || run.logical >= to) break;
    const start = Math.max(run.logical, from);
    const end = Math.min(run.logical + run.count, to);
    inside.push({ ...run, logical: start, physical: run.physical + start - run.logical, count: end - start });
  }
  return inside;
}
