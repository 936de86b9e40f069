import { crc32c } from './checksum.js';
import { corruption } from './corruption.js';

/** Offsets of the entries in the root block of an indexed directory, and in the blocks below it. */
const ROOT_ENTRIES = 32;
const NODE_ENTRIES = 8;
const ROOT_INFO = 24;
const ENTRY = 8;
const INFO_LENGTH = 8;

/** Names whose hash is at least `hash` (and below the next entry's) are in or below the directory's block `block`. */
export interface IndexEntry {
  readonly hash: number;
  readonly block: number;
}

/** What the root of a directory index says of the index. */
export interface IndexInfo {
  readonly hashVersion: number;
  /** Levels of index blocks between the root and the leaves. */
  readonly levels: number;
}

/** Reads the description in an index's root. @throws ImageError `IMAGE_FILESYSTEM_CORRUPT`. */
export function readIndexInfo(root: Buffer, owner: string): IndexInfo {
  const hashVersion = root.readUInt8(ROOT_INFO + 4);
  const levels = root.readUInt8(ROOT_INFO + 6);
  if (
    root.readUInt32LE(ROOT_INFO) !== 0 ||
    root.readUInt8(ROOT_INFO + 5) !== INFO_LENGTH ||
    hashVersion > 2 ||
    levels > 2 ||
    (root.readUInt8(ROOT_INFO + 7) & 1) !== 0
  )
    throw corruption(`the index of ${owner} is no index`);
  return { hashVersion, levels };
}

/** Writes the description of a new index behind the `.` and `..` of the root. */
export function writeIndexInfo(root: Buffer, info: IndexInfo): void {
  root.fill(0, ROOT_INFO, ROOT_ENTRIES);
  root.writeUInt8(info.hashVersion, ROOT_INFO + 4);
  root.writeUInt8(INFO_LENGTH, ROOT_INFO + 5);
  root.writeUInt8(info.levels, ROOT_INFO + 6);
}

/** Prepares a block as an empty index node below the root. */
export function formatIndexNode(block: Buffer): void {
  block.fill(0);
  block.writeUInt16LE(block.length, 4);
}

/** Most entries that the root, or a block below it, holds. */
export function indexLimit(blockSize: number, isRoot: boolean, checksums: boolean): number {
  return Math.floor((blockSize - (isRoot ? ROOT_ENTRIES : NODE_ENTRIES)) / ENTRY) - (checksums ? 1 : 0);
}

/** Tells whether a block below the root has the form of an index node (or of an empty leaf without checksum). */
export function looksLikeIndexNode(block: Buffer): boolean {
  return block.readUInt32LE(0) === 0 && block.readUInt16LE(4) === block.length && block.readUInt16LE(6) === 0;
}

/**
 * Reads an index block's entries and checks order, limit and checksum.
 * @param seed - start value of the checksum; undefined where there are none.
 */
export function readIndexEntries(
  block: Buffer,
  isRoot: boolean,
  seed: number | undefined,
  owner: string,
): IndexEntry[] {
  const at = isRoot ? ROOT_ENTRIES : NODE_ENTRIES;
  const limit = block.readUInt16LE(at);
  const count = block.readUInt16LE(at + 2);
  if (limit !== indexLimit(block.length, isRoot, seed !== undefined) || count === 0 || count > limit)
    throw corruption(`the index of ${owner} states ${count} of ${limit} entries`);
  if (seed !== undefined && block.readUInt32LE(at + limit * ENTRY + 4) !== indexChecksum(block, at, seed))
    throw corruption(`the checksum of an index block of ${owner} is wrong`);
  const entries: IndexEntry[] = [];
  for (let index = 0; index < count; index++) {
    const hash = index === 0 ? 0 : block.readUInt32LE(at + index * ENTRY);
    const before = entries.at(-1);
    if (before && hash < before.hash) throw corruption(`the index of ${owner} is out of order`);
    entries.push({ hash, block: block.readUInt32LE(at + index * ENTRY + 4) & 0x0fffffff });
  }
  return entries;
}

/** Writes an index block's entries and checksum. The first entry's hash is implied by the level above. */
export function writeIndexEntries(
  block: Buffer,
  isRoot: boolean,
  entries: readonly IndexEntry[],
  seed: number | undefined,
): void {
  const at = isRoot ? ROOT_ENTRIES : NODE_ENTRIES;
  const limit = indexLimit(block.length, isRoot, seed !== undefined);
  block.fill(0, at);
  entries.forEach(({ hash, block: target }, index) => {
    block.writeUInt32LE(hash, at + index * ENTRY);
    block.writeUInt32LE(target, at + index * ENTRY + 4);
  });
  block.writeUInt16LE(limit, at);
  block.writeUInt16LE(entries.length, at + 2);
  if (seed !== undefined) sealIndexBlock(block, isRoot, seed);
}

/** Renews an index block's checksum, for example after `..` in the root changed. */
export function sealIndexBlock(block: Buffer, isRoot: boolean, seed: number): void {
  const at = isRoot ? ROOT_ENTRIES : NODE_ENTRIES;
  block.writeUInt32LE(indexChecksum(block, at, seed), at + block.readUInt16LE(at) * ENTRY + 4);
}

function indexChecksum(block: Buffer, at: number, seed: number): number {
  const tail = at + block.readUInt16LE(at) * ENTRY;
  const used = at + block.readUInt16LE(at + 2) * ENTRY;
  const crc = crc32c(crc32c(seed, block.subarray(0, used)), block.subarray(tail, tail + 4));
  return crc32c(crc, Buffer.alloc(4));
}
