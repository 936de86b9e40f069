import type { BlockCache } from './block-cache.js';
import { RunCollector, type BlockRun } from './block-run.js';
import { crc32c } from './checksum.js';
import { corruption } from './corruption.js';
import type { NodeBlocks } from './node-blocks.js';

const MAGIC = 0xf30a;
const HEADER = 12;
const ENTRY = 12;
const ROOT_ENTRIES = 4;
const MAX_DEPTH = 5;
const MAX_EXTENT = 32_768;
const LOGICAL_END = 2 ** 32;

/** The mapping of one file, and the blocks that the mapping itself occupies. */
export interface BlockMap {
  readonly runs: BlockRun[];
  readonly nodeBlocks: number[];
}

interface Context {
  readonly cache: BlockCache;
  /** Start value of the checksum in every node's tail; undefined where there are no checksums. */
  readonly seed: number | undefined;
  readonly owner: string;
}

/**
 * Reads the extent tree whose root is an inode's 60-byte block area.
 * @remarks Layout: Linux `fs/ext4/ext4_extents.h`. Children must lie in their parent's range and be in order, which
 * also bounds the work that a hostile tree can cause. @throws ImageError `IMAGE_FILESYSTEM_CORRUPT`.
 */
export async function readExtentTree(root: Buffer, context: Context): Promise<BlockMap> {
  const collector = new RunCollector(context.owner);
  const nodeBlocks: number[] = [];
  const depth = root.readUInt16LE(6);
  if (depth > MAX_DEPTH) throw corruption(`the extent tree of ${context.owner} is ${depth} levels deep`);
  checkHeader(root, depth, context.owner);
  await readNode(root, depth, 0, LOGICAL_END, context, collector, nodeBlocks);
  return { runs: collector.runs, nodeBlocks };
}

async function readNode(
  node: Buffer,
  depth: number,
  from: number,
  to: number,
  context: Context,
  collector: RunCollector,
  nodeBlocks: number[],
): Promise<void> {
  const { owner } = context;
  const entries = node.readUInt16LE(2);
  let position = from;
  for (let index = 0; index < entries; index++) {
    const at = HEADER + index * ENTRY;
    const logical = node.readUInt32LE(at);
    if (logical < position || logical >= to) throw corruption(`the extents of ${owner} are out of order`);
    if (depth === 0) {
      const run = readExtent(node, at);
      position = logical + run.count;
      if (run.count === 0 || position > to)
        throw corruption(`an extent of ${owner} has an impossible length`);
      if (run.physical === 0 || run.physical + run.count > context.cache.blocksCount)
        throw corruption(`an extent of ${owner} lies outside the filesystem`);
      collector.add(run);
      continue;
    }
    const next = index + 1 < entries ? node.readUInt32LE(at + ENTRY) : to;
    if (next <= logical) throw corruption(`the extents of ${owner} are out of order`);
    const block = node.readUInt32LE(at + 4) + node.readUInt16LE(at + 8) * 2 ** 32;
    const child = await context.cache.get(block);
    checkHeader(child, depth - 1, owner);
    if (child.readUInt16LE(2) === 0) throw corruption(`a node of the extent tree of ${owner} is empty`);
    if (
      context.seed !== undefined &&
      child.readUInt32LE(tailOffset(child)) !== nodeChecksum(child, context.seed)
    )
      throw corruption(`the checksum of extent block ${block} of ${owner} is wrong`);
    nodeBlocks.push(block);
    await readNode(child, depth - 1, logical, next, context, collector, nodeBlocks);
    position = next;
  }
}

/** Refuses a node that states more than it can hold: how many entries it has room for is where its checksum lies. */
function checkHeader(node: Buffer, depth: number, owner: string): void {
  const entries = node.readUInt16LE(2);
  const room = node.readUInt16LE(4);
  if (node.readUInt16LE(0) !== MAGIC || node.readUInt16LE(6) !== depth)
    throw corruption(`a node of the extent tree of ${owner} is no such node`);
  if (room > Math.floor((node.length - HEADER) / ENTRY) || entries > room)
    throw corruption(`a node of the extent tree of ${owner} states ${entries} entries`);
}

function readExtent(node: Buffer, at: number): BlockRun {
  const length = node.readUInt16LE(at + 4);
  const unwritten = length > MAX_EXTENT;
  return {
    logical: node.readUInt32LE(at),
    physical: node.readUInt32LE(at + 8) + node.readUInt16LE(at + 6) * 2 ** 32,
    count: unwritten ? length - MAX_EXTENT : length,
    unwritten,
  };
}

/** Writes runs as a new tree of the least height: the root into `root`, the rest into blocks from `nodes`. */
export async function writeExtentTree(
  root: Buffer,
  runs: readonly BlockRun[],
  nodes: NodeBlocks,
  blockSize: number,
  seed: number | undefined,
): Promise<void> {
  let level = runs
    .flatMap(splitRun)
    .map((extent) => ({ logical: extent.logical, bytes: encodeExtent(extent) }));
  const capacity = Math.floor((blockSize - HEADER) / ENTRY);
  let depth = 0;
  while (level.length > ROOT_ENTRIES) {
    const parents: typeof level = [];
    for (let start = 0; start < level.length; start += capacity) {
      const entries = level.slice(start, start + capacity);
      const node = Buffer.alloc(blockSize);
      encodeNode(node, entries, capacity, depth);
      if (seed !== undefined) node.writeUInt32LE(nodeChecksum(node, seed), tailOffset(node));
      const block = await nodes.take();
      await nodes.write(block, node);
      const logical = entries[0]?.logical ?? 0;
      parents.push({ logical, bytes: encodeIndex(logical, block) });
    }
    level = parents;
    depth++;
  }
  root.fill(0);
  encodeNode(root, level, ROOT_ENTRIES, depth);
}

function splitRun(run: BlockRun): BlockRun[] {
  const limit = run.unwritten ? MAX_EXTENT - 1 : MAX_EXTENT;
  const parts: BlockRun[] = [];
  for (let done = 0; done < run.count; done += limit)
    parts.push({
      logical: run.logical + done,
      physical: run.physical + done,
      count: Math.min(limit, run.count - done),
      unwritten: run.unwritten,
    });
  return parts;
}

function encodeNode(
  node: Buffer,
  entries: readonly { bytes: Buffer }[],
  capacity: number,
  depth: number,
): void {
  node.writeUInt16LE(MAGIC, 0);
  node.writeUInt16LE(entries.length, 2);
  node.writeUInt16LE(capacity, 4);
  node.writeUInt16LE(depth, 6);
  entries.forEach(({ bytes }, index) => bytes.copy(node, HEADER + index * ENTRY));
}

function encodeExtent(run: BlockRun): Buffer {
  const bytes = Buffer.alloc(ENTRY);
  bytes.writeUInt32LE(run.logical, 0);
  bytes.writeUInt16LE(run.unwritten ? run.count + MAX_EXTENT : run.count, 4);
  bytes.writeUInt16LE(Math.floor(run.physical / 2 ** 32), 6);
  bytes.writeUInt32LE(run.physical % 2 ** 32, 8);
  return bytes;
}

function encodeIndex(logical: number, block: number): Buffer {
  const bytes = Buffer.alloc(ENTRY);
  bytes.writeUInt32LE(logical, 0);
  bytes.writeUInt32LE(block % 2 ** 32, 4);
  bytes.writeUInt16LE(Math.floor(block / 2 ** 32), 8);
  return bytes;
}

function tailOffset(node: Buffer): number {
  return HEADER + node.readUInt16LE(4) * ENTRY;
}

function nodeChecksum(node: Buffer, seed: number): number {
  return crc32c(seed, node.subarray(0, tailOffset(node)));
}
