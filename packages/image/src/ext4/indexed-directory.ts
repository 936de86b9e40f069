import { ImageError } from '../image-error.js';
import { corruption } from './corruption.js';
import { insertRecord, packRecords, readRecords, recordLength, type NewRecord } from './directory-block.js';
import type { DirectoryBlocks } from './directory-blocks.js';
import { directoryHash } from './directory-hash.js';
import {
  formatIndexNode,
  indexLimit,
  readIndexEntries,
  readIndexInfo,
  writeIndexEntries,
  writeIndexInfo,
  type IndexEntry,
} from './directory-index.js';
import { INODE_FLAGS } from './inode.js';
import type { Volume } from './volume.js';

/** One index block on the way from the root to a leaf. */
interface Step {
  readonly physical: number;
  readonly entries: IndexEntry[];
  /** The entry followed. */
  readonly position: number;
}

/** The hash tree of a directory: insertion with splits, construction, and verification. */
export class IndexedDirectory {
  constructor(
    private readonly volume: Volume,
    private readonly directory: DirectoryBlocks,
    private readonly owner: string,
  ) {}

  /** Turns a linear directory of one block into an indexed one. */
  async build(): Promise<void> {
    const { cache, superblock } = this.volume;
    const [rootNumber = 0] = await this.directory.list();
    const [dot, dotDot, ...names] = readRecords(
      this.directory.records(await cache.get(rootNumber)),
      this.owner,
    );
    if (dot?.name.toString() !== '.' || dotDot?.name.toString() !== '..')
      throw corruption(`the ${this.owner} does not begin with "." and ".."`);
    const kept = names.filter(({ inode }) => inode !== 0).map(copyOf);
    const head = [copyOf(dot), copyOf(dotDot)];
    this.#writeLeaf(cache.create(await this.directory.append()), kept);
    const root = await cache.edit(rootNumber);
    packRecords(root, head);
    writeIndexInfo(root, { hashVersion: Math.min(superblock.defaultHashVersion, 2), levels: 0 });
    writeIndexEntries(root, true, [{ hash: 0, block: 1 }], this.directory.seed);
    this.directory.inode.flags |= INODE_FLAGS.index;
  }

  /** The blocks on the disk that may hold a name: one, or several when names of one hash fill more than a block. */
  async candidates(name: Buffer): Promise<number[]> {
    const { cache } = this.volume;
    const numbers = await this.directory.list();
    const { hashVersion, levels } = readIndexInfo(await cache.get(this.#number(numbers, 0)), this.owner);
    const hash = directoryHash(name, hashVersion, this.volume.superblock);
    const found: number[] = [];
    const visit = async (logical: number, level: number): Promise<void> => {
      const number = this.#number(numbers, logical);
      if (level > levels) {
        if (logical === 0) throw corruption(`the index of ${this.owner} leads back to its root`);
        found.push(number);
        return;
      }
      const entries = readIndexEntries(await cache.get(number), level === 0, this.directory.seed, this.owner);
      for (const [index, entry] of entries.entries()) {
        const next = entries[index + 1]?.hash;
        // An odd bound says that names of the even hash before it go on behind it.
        const startsBefore = index === 0 || (entry.hash & ~1) >>> 0 <= hash;
        if (startsBefore && (next === undefined || next > hash)) await visit(entry.block, level + 1);
      }
    };
    await visit(0, 0);
    return found;
  }

  /** Adds a name. @throws ImageError `IMAGE_NO_SPACE` when the index has reached its greatest height. */
  async insert(record: NewRecord): Promise<void> {
    const { cache } = this.volume;
    const numbers = await this.directory.list();
    const root = await cache.get(this.#number(numbers, 0));
    const { hashVersion, levels } = readIndexInfo(root, this.owner);
    const hash = directoryHash(record.name, hashVersion, this.volume.superblock);
    const path: Step[] = [];
    let logical = 0;
    for (let level = 0; level <= levels; level++) {
      const physical = this.#number(numbers, logical);
      const entries = readIndexEntries(
        await cache.get(physical),
        level === 0,
        this.directory.seed,
        this.owner,
      );
      let position = entries.length - 1;
      while (position > 0 && (entries[position]?.hash ?? 0) > hash) position--;
      path.push({ physical, entries, position });
      logical = entries[position]?.block ?? 0;
    }
    const leafNumber = this.#number(numbers, logical);
    if (logical === 0) throw corruption(`the index of ${this.owner} leads back to its root`);
    if (insertRecord(Buffer.from(this.directory.records(await cache.get(leafNumber))), record, this.owner)) {
      const leaf = await cache.edit(leafNumber);
      insertRecord(this.directory.records(leaf), record, this.owner);
      this.directory.seal(leaf);
      return;
    }
    const entry = await this.#splitLeaf(leafNumber, record, hashVersion, numbers.length);
    await this.#insertEntry(path, path.length - 1, entry);
  }

  /** Checks that every leaf is reached once and holds only names of its hash range. */
  async verify(): Promise<void> {
    const { cache } = this.volume;
    const numbers = await this.directory.list();
    const { hashVersion, levels } = readIndexInfo(await cache.get(this.#number(numbers, 0)), this.owner);
    const seen = new Set<number>();
    const visit = async (logical: number, level: number, from: number, to: number): Promise<void> => {
      if (seen.has(logical)) throw corruption(`the index of ${this.owner} reaches block ${logical} twice`);
      seen.add(logical);
      const block = await cache.get(this.#number(numbers, logical));
      if (level <= levels) {
        const entries = readIndexEntries(block, level === 0, this.directory.seed, this.owner);
        for (const [index, entry] of entries.entries()) {
          const start = index === 0 ? from : entry.hash;
          await visit(entry.block, level + 1, start, entries[index + 1]?.hash ?? to);
        }
        return;
      }
      for (const { inode, name } of readRecords(this.directory.records(block), this.owner)) {
        if (inode === 0) continue;
        const hash = directoryHash(name, hashVersion, this.volume.superblock);
        // An odd bound says that names of the even hash before it are in both leaves.
        if (hash < (from & ~1) >>> 0 || hash >= to)
          throw corruption(`"${name.toString()}" is in the wrong block of ${this.owner}`);
      }
    };
    await visit(0, 0, 0, 0xffffffff);
    if (seen.size !== numbers.length)
      throw corruption(`the index of ${this.owner} does not reach all its blocks`);
  }

  /** Divides a full leaf's names and a new one over it and a new block; the entry for the new block. */
  async #splitLeaf(
    leafNumber: number,
    record: NewRecord,
    hashVersion: number,
    logical: number,
  ): Promise<IndexEntry> {
    const { cache, superblock } = this.volume;
    const present = readRecords(this.directory.records(await cache.get(leafNumber)), this.owner);
    const all = [...present.filter(({ inode }) => inode !== 0).map(copyOf), record]
      .map((name) => ({ name, hash: directoryHash(name.name, hashVersion, superblock) }))
      .sort((a, b) => a.hash - b.hash || a.name.name.compare(b.name.name));
    const total = all.reduce((sum, { name }) => sum + recordLength(name.name.length), 0);
    let cut = 0;
    for (let size = 0; cut < all.length - 1 && size < total / 2; cut++)
      size += recordLength(all[cut]?.name.name.length ?? 0);
    const [left, right] = [all.slice(0, cut), all.slice(cut)];
    const first = right[0]?.hash ?? 0;
    const continued = left.at(-1)?.hash === first ? 1 : 0;
    const fresh = await this.directory.append();
    this.#writeLeaf(
      cache.create(fresh),
      right.map(({ name }) => name),
    );
    this.#writeLeaf(
      await cache.edit(leafNumber),
      left.map(({ name }) => name),
    );
    return { hash: first + continued, block: logical };
  }

  /** Adds an entry behind the one followed at a level; splits the index block, or raises the tree, when it is full. */
  async #insertEntry(path: readonly Step[], level: number, entry: IndexEntry): Promise<void> {
    const { cache, superblock } = this.volume;
    const step = path[level];
    if (!step) throw corruption(`the index of ${this.owner} has no level ${level}`);
    const isRoot = level === 0;
    const entries = step.entries.toSpliced(step.position + 1, 0, entry);
    if (entries.length <= indexLimit(superblock.blockSize, isRoot, this.directory.seed !== undefined)) {
      writeIndexEntries(await cache.edit(step.physical), isRoot, entries, this.directory.seed);
      return;
    }
    const logical = this.directory.inode.size / superblock.blockSize;
    if (isRoot) {
      const highest = superblock.features.has('large_dir') ? 2 : 1;
      if (path.length > highest)
        throw new ImageError('IMAGE_NO_SPACE', `The index of ${this.owner} is full.`, {
          hint: 'Spread the files over several directories.',
        });
      await this.#appendIndexNode(entries);
      const root = await cache.edit(step.physical);
      const { hashVersion } = readIndexInfo(root, this.owner);
      writeIndexInfo(root, { hashVersion, levels: path.length });
      writeIndexEntries(root, true, [{ hash: 0, block: logical }], this.directory.seed);
      return;
    }
    const half = entries.length >>> 1;
    const right = entries.slice(half);
    await this.#appendIndexNode(right);
    writeIndexEntries(await cache.edit(step.physical), false, entries.slice(0, half), this.directory.seed);
    await this.#insertEntry(path, level - 1, { hash: right[0]?.hash ?? 0, block: logical });
  }

  async #appendIndexNode(entries: readonly IndexEntry[]): Promise<void> {
    const node = this.volume.cache.create(await this.directory.append());
    formatIndexNode(node);
    writeIndexEntries(node, false, entries, this.directory.seed);
  }

  #writeLeaf(block: Buffer, names: readonly NewRecord[]): void {
    packRecords(this.directory.records(block), names);
    this.directory.seal(block);
  }

  #number(numbers: readonly number[], logical: number): number {
    const number = numbers[logical];
    if (number === undefined) throw corruption(`the index of ${this.owner} refers to its block ${logical}`);
    return number;
  }
}

/** A record that does not share memory with its block. */
function copyOf(record: NewRecord): NewRecord {
  return { inode: record.inode, name: Buffer.from(record.name), type: record.type };
}
