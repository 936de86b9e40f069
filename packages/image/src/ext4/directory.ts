import type { FileType } from '../filesystem/file-system.js';
import { corruption, unsupportedOperation } from './corruption.js';
import {
  directoryBlockMatches,
  insertRecord,
  packRecords,
  readRecords,
  recordLength,
  removeRecord,
  retargetRecord,
  type DirectoryRecord,
  type NewRecord,
} from './directory-block.js';
import { DirectoryBlocks, MAX_DIRECTORY_BYTES } from './directory-blocks.js';
import { looksLikeIndexNode, readIndexEntries, readIndexInfo, sealIndexBlock } from './directory-index.js';
import { IndexedDirectory } from './indexed-directory.js';
import { inlineAreas, removeInlineData } from './inline-data.js';
import { INODE_FLAGS, type Inode } from './inode.js';
import type { Volume } from './volume.js';

/** Bytes of the inline area's head that hold the parent's inode number instead of records. */
const INLINE_PARENT = 4;

/** A piece of a directory that holds a chain of records, live, and how to say that it changed. */
interface RecordArea {
  readonly area: Buffer;
  /** Prepares the area for change and returns it again. */
  edit(): Promise<Buffer>;
  /** Renews the checksum after a change. */
  seal(): void;
}

/** A name found in a directory, with the means to change its record. */
export interface FoundRecord {
  readonly record: DirectoryRecord;
  readonly place: RecordArea;
}

/** One directory: linear, indexed or inline. Changes leave the inode to be written by the caller. */
export class Directory {
  readonly #owner: string;
  readonly #blocks: DirectoryBlocks;

  constructor(
    private readonly volume: Volume,
    readonly inode: Inode,
  ) {
    this.#owner = `directory inode ${inode.number}`;
    this.#blocks = new DirectoryBlocks(volume, inode, this.#owner);
    if (inode.has(INODE_FLAGS.casefold | INODE_FLAGS.encrypt))
      throw unsupportedOperation(`The ${this.#owner} is encrypted or ignores case`);
    if (inode.size > MAX_DIRECTORY_BYTES) throw corruption(`the ${this.#owner} states ${inode.size} bytes`);
  }

  /** Makes a new directory's first block. */
  static async create(volume: Volume, inode: Inode, parent: number): Promise<Directory> {
    const block = await volume.blocks.allocateOne(volume.maps.goal(inode.number));
    await volume.maps.write(inode, [{ logical: 0, physical: block, count: 1, unwritten: false }], []);
    inode.size = volume.superblock.blockSize;
    const directory = new Directory(volume, inode);
    directory.#fillFirstBlock(volume.cache.create(block), parent, []);
    return directory;
  }

  /** All names but `.` and `..`. */
  async list(): Promise<DirectoryRecord[]> {
    const found: DirectoryRecord[] = [];
    for await (const { area } of this.#areas())
      for (const record of readRecords(area, this.#owner))
        if (record.inode !== 0 && !isDotName(record.name)) found.push(record);
    return found;
  }

  async find(name: Buffer): Promise<FoundRecord | undefined> {
    const { knowsHashSign } = this.volume.superblock;
    const byIndex = this.inode.has(INODE_FLAGS.index) && (knowsHashSign || name.every((byte) => byte < 0x80));
    const places = byIndex ? this.#leaves(await this.#index().candidates(name)) : this.#areas();
    for await (const place of places)
      for (const record of readRecords(place.area, this.#owner))
        if (record.inode !== 0 && record.name.equals(name)) return { record, place };
    return undefined;
  }

  async isEmpty(): Promise<boolean> {
    return (await this.list()).length === 0;
  }

  /** Adds a name that is not there yet. @throws ImageError `IMAGE_NO_SPACE`. */
  async add(name: Buffer, inode: number, type: FileType): Promise<void> {
    const record: NewRecord = { name, inode, type: this.#storedType(type) };
    if (this.inode.has(INODE_FLAGS.index)) {
      await this.#index().insert(record);
      return;
    }
    let blocks = 0;
    for await (const place of this.#areas()) {
      blocks++;
      // A look at a copy first: a block without room must not count as changed.
      if (!insertRecord(Buffer.from(place.area), record, this.#owner)) continue;
      insertRecord(await place.edit(), record, this.#owner);
      place.seal();
      return;
    }
    if (this.inode.has(INODE_FLAGS.inlineData)) {
      await this.#leaveInline();
      await this.add(name, inode, type);
    } else if (blocks === 1 && this.volume.superblock.features.has('dir_index')) {
      await this.#index().build();
      await this.#index().insert(record);
    } else {
      const block = this.volume.cache.create(await this.#blocks.append());
      packRecords(this.#blocks.records(block), [record]);
      this.#blocks.seal(block);
    }
  }

  /** Removes the name of a record that {@link find} found. */
  async remove({ record, place }: FoundRecord): Promise<void> {
    removeRecord(await place.edit(), record.offset, this.#owner);
    place.seal();
  }

  /** Lets a found name mean another inode. */
  async replace({ record, place }: FoundRecord, inode: number, type: FileType): Promise<void> {
    retargetRecord(await place.edit(), record.offset, { inode, type: this.#storedType(type) });
    place.seal();
  }

  /** The inode that `..` means. */
  async parent(): Promise<number> {
    if (this.inode.has(INODE_FLAGS.inlineData)) return this.inode.blockArea.readUInt32LE(0);
    return (await this.#dotDot()).inode;
  }

  async setParent(parent: number): Promise<void> {
    if (this.inode.has(INODE_FLAGS.inlineData)) {
      this.inode.blockArea.writeUInt32LE(parent, 0);
      return;
    }
    const { offset, block } = await this.#dotDot();
    const edited = await this.volume.cache.edit(block);
    edited.writeUInt32LE(parent, offset);
    if (!this.inode.has(INODE_FLAGS.index)) this.#blocks.seal(edited);
    else if (this.#blocks.seed !== undefined) sealIndexBlock(edited, true, this.#blocks.seed);
  }

  /** Checks every record, checksum and index entry. @throws ImageError `IMAGE_FILESYSTEM_CORRUPT`. */
  async verify(): Promise<DirectoryRecord[]> {
    if (this.inode.has(INODE_FLAGS.index)) await this.#index().verify();
    return this.list();
  }

  #index(): IndexedDirectory {
    return new IndexedDirectory(this.volume, this.#blocks, this.#owner);
  }

  #storedType(type: FileType): FileType | undefined {
    return this.volume.superblock.features.has('filetype') ? type : undefined;
  }

  async *#areas(): AsyncGenerator<RecordArea> {
    if (this.inode.has(INODE_FLAGS.inlineData)) {
      const { head, tail } = inlineAreas(this.inode);
      for (const area of [head.subarray(INLINE_PARENT), tail])
        if (area.length > 0) yield { area, edit: () => Promise.resolve(area), seal: () => undefined };
      return;
    }
    const numbers = await this.#blocks.list();
    if (!this.inode.has(INODE_FLAGS.index)) {
      yield* this.#leaves(numbers);
      return;
    }
    const [root = 0, ...others] = numbers;
    const block = await this.volume.cache.get(root);
    readIndexInfo(block, this.#owner);
    readIndexEntries(block, true, this.#blocks.seed, this.#owner);
    yield* this.#leaves(others);
  }

  /** Blocks of records; index blocks among them are passed over. */
  async *#leaves(numbers: readonly number[]): AsyncGenerator<RecordArea> {
    const { cache } = this.volume;
    const indexed = this.inode.has(INODE_FLAGS.index);
    for (const number of numbers) {
      const block = await cache.get(number);
      if (indexed && looksLikeIndexNode(block)) continue;
      if (this.#blocks.seed !== undefined && !directoryBlockMatches(block, this.#blocks.seed))
        throw corruption(`the checksum of block ${number} of ${this.#owner} is wrong`);
      yield {
        area: this.#blocks.records(block),
        edit: async () => this.#blocks.records(await cache.edit(number)),
        seal: () => this.#blocks.seal(block),
      };
    }
  }

  /** Where `..` is: the second record of the first block. */
  async #dotDot(): Promise<{ inode: number; offset: number; block: number }> {
    const [block] = await this.#blocks.list();
    if (block === undefined) throw corruption(`the ${this.#owner} is empty`);
    const area = await this.volume.cache.get(block);
    const offset = area.readUInt16LE(4);
    const isDot = area.readUInt8(6) === 1 && area.toString('latin1', 8, 9) === '.';
    const isDotDot =
      offset + recordLength(2) <= area.length &&
      area.readUInt8(offset + 6) === 2 &&
      area.toString('latin1', offset + 8, offset + 10) === '..';
    if (!isDot || area.readUInt32LE(0) !== this.inode.number || !isDotDot)
      throw corruption(`the ${this.#owner} does not begin with "." and ".."`);
    return { inode: area.readUInt32LE(offset), offset, block };
  }

  /** Moves an inline directory's names into a block of its own. */
  async #leaveInline(): Promise<void> {
    const { inode, volume } = this;
    const parent = inode.blockArea.readUInt32LE(0);
    const names = (await this.list()).map((record) => ({ ...record, name: Buffer.from(record.name) }));
    removeInlineData(inode);
    inode.flags &= ~INODE_FLAGS.inlineData;
    if (volume.superblock.features.has('extent')) inode.flags |= INODE_FLAGS.extents;
    const physical = await volume.blocks.allocateOne(volume.maps.goal(inode.number));
    await volume.maps.write(inode, [{ logical: 0, physical, count: 1, unwritten: false }], []);
    inode.size = volume.superblock.blockSize;
    this.#fillFirstBlock(volume.cache.create(physical), parent, names);
  }

  #fillFirstBlock(block: Buffer, parent: number, names: readonly NewRecord[]): void {
    const type = this.#storedType('directory');
    const dots = [
      { name: Buffer.from('.'), inode: this.inode.number, type },
      { name: Buffer.from('..'), inode: parent, type },
    ];
    packRecords(this.#blocks.records(block), [...dots, ...names]);
    this.#blocks.seal(block);
  }
}

function isDotName(name: Buffer): boolean {
  return (
    (name.length === 1 && name[0] === 0x2e) || (name.length === 2 && name[0] === 0x2e && name[1] === 0x2e)
  );
}
