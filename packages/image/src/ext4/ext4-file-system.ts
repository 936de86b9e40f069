import { decodeName } from '../filesystem/image-name.js';
import { Readable } from 'node:stream';
import type {
  DirectoryEntry,
  FileAttributes,
  FileContent as NewContent,
  FileStat,
  FileSystem,
  FileSystemUsage,
} from '../filesystem/file-system.js';
import { ImageError } from '../image-error.js';
import { ContentWriter } from './content-writer.js';
import { unsupportedOperation } from './corruption.js';
import { ExtendedAttributes } from './extended-attributes.js';
import { FileContent } from './file-content.js';
import { readContent } from './file-reader.js';
import { assertChangeable, isFastSymlink } from './inode-lifetime.js';
import type { Inode } from './inode.js';
import { Namespace, isDirectory, typeOf } from './namespace.js';
import { SelfCheck } from './self-check.js';
import { writeSymlink } from './symlink.js';
import type { Volume } from './volume.js';

const DEFAULT_MAX_BYTES = 16 * 2 ** 20;
const MAX_SYMLINK = 4096;

/** An opened ext2, ext3 or ext4 filesystem; see {@link openExt4}. Operations run one after the other. */
export class Ext4FileSystem implements FileSystem {
  readonly kind = 'ext4';
  readonly #namespace: Namespace;
  readonly #content: FileContent;
  readonly #attributes: ExtendedAttributes;
  readonly #writer: ContentWriter;
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly volume: Volume,
    private readonly readOnly: boolean,
  ) {
    this.#namespace = new Namespace(volume);
    this.#content = new FileContent(volume);
    this.#attributes = new ExtendedAttributes(volume);
    this.#writer = new ContentWriter(volume, this.#namespace, this.#content, (operation) =>
      this.#change(operation),
    );
  }

  get label(): string {
    return this.volume.superblock.label;
  }

  get uuid(): string {
    return this.volume.superblock.uuid;
  }

  get facts(): Readonly<Record<string, unknown>> {
    const { features, blockSize, blocksCount, inodeSize, inodesCount, groupCount } = this.volume.superblock;
    return { features: [...features], blockSize, blocksCount, inodeSize, inodesCount, groupCount };
  }

  usage(): Promise<FileSystemUsage> {
    return this.#run(async () => {
      const { superblock, counters } = this.volume;
      return {
        blockSizeBytes: superblock.blockSize,
        totalBytes: superblock.blocksCount * superblock.blockSize,
        freeBytes: (await counters.freeBlocks()) * superblock.blockSize,
        totalInodes: superblock.inodesCount,
        freeInodes: await counters.freeInodes(),
      };
    });
  }

  lstat(path: string): Promise<FileStat | undefined> {
    return this.#run(async () => {
      const inode = await this.#namespace.lookup(path);
      return inode && statOf(inode);
    });
  }

  list(path: string): Promise<DirectoryEntry[]> {
    return this.#run(async () => {
      const directory = await this.#namespace.getDirectory(path);
      const entries: DirectoryEntry[] = [];
      for (const { name, type, inode } of await directory.list())
        entries.push({ name: decodeName(name), type: type ?? typeOf(await this.volume.inodes.get(inode)) });
      return entries;
    });
  }

  readFile(
    path: string,
    { maxBytes = DEFAULT_MAX_BYTES }: { readonly maxBytes?: number } = {},
  ): Promise<Buffer> {
    return this.#run(async () => {
      const inode = await this.#file(path);
      if (inode.size > maxBytes)
        throw new ImageError(
          'IMAGE_TOO_LARGE',
          `"${path}" is ${inode.size} bytes long, more than the ${maxBytes} allowed.`,
        );
      const pieces: Buffer[] = [];
      for await (const piece of this.#read(await this.#content.source(inode))) pieces.push(piece);
      return Buffer.concat(pieces);
    });
  }

  readStream(path: string): Readable {
    const read = async function* (this: Ext4FileSystem): AsyncGenerator<Buffer> {
      const source = await this.#run(async () => this.#content.source(await this.#file(path)));
      yield* this.#read(source);
    };
    return Readable.from(read.call(this), { objectMode: false });
  }

  readLink(path: string): Promise<string> {
    return this.#run(async () => {
      const inode = await this.#namespace.get(path);
      if (inode.type !== 'symlink') throw unsupportedOperation(`"${path}" is not a symlink`);
      if (inode.size >= MAX_SYMLINK)
        throw new ImageError('IMAGE_FILESYSTEM_CORRUPT', `The symlink "${path}" states ${inode.size} bytes.`);
      if (isFastSymlink(this.volume, inode)) return decodeName(inode.blockArea.subarray(0, inode.size));
      const pieces: Buffer[] = [];
      for await (const piece of this.#read(await this.#content.source(inode))) pieces.push(piece);
      return decodeName(Buffer.concat(pieces));
    });
  }

  async writeFile(path: string, content: NewContent, attributes: FileAttributes = {}): Promise<void> {
    await this.#writer.write(path, content, attributes);
  }

  async appendFile(path: string, content: NewContent): Promise<void> {
    await this.#writer.append(path, content);
  }

  mkdir(path: string, attributes: FileAttributes = {}): Promise<void> {
    return this.#change(async () => {
      await this.#namespace.mkdir(await this.#namespace.resolve(path), attributes);
    });
  }

  symlink(target: string, path: string, attributes: FileAttributes = {}): Promise<void> {
    return this.#change(async () => {
      const at = await this.#namespace.resolve(path);
      await this.#namespace.create(at, 'symlink', { mode: 0o777, ...attributes }, (inode) =>
        writeSymlink(this.volume, inode, target),
      );
    });
  }

  link(existing: string, path: string): Promise<void> {
    return this.#change(async () => {
      await this.#namespace.link(existing, await this.#namespace.resolve(path));
    });
  }

  setAttributes(path: string, attributes: FileAttributes): Promise<void> {
    return this.#change(async () => {
      const inode = await this.#namespace.get(path);
      assertChangeable(inode, path);
      await this.#writer.applyAttributes(inode, attributes);
      await this.volume.inodes.write(inode);
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.#change(async () => {
      const source = await this.#namespace.resolve(from);
      await this.#namespace.rename(source, await this.#namespace.resolve(to));
    });
  }

  remove(path: string): Promise<void> {
    return this.#change(async () => {
      await this.#namespace.remove(await this.#namespace.resolve(path));
    });
  }

  readExtendedAttributes(path: string): Promise<ReadonlyMap<string, Buffer>> {
    return this.#run(async () => this.#attributes.read(await this.#namespace.get(path)));
  }

  flush(): Promise<void> {
    return this.#run(() => this.volume.cache.flush());
  }

  selfCheck(): Promise<void> {
    return this.#run(() => new SelfCheck(this.volume).run());
  }

  /** Lets go of the memory. What was not flushed is lost; the disk is its owner's. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last.catch(() => undefined);
  }

  async *#read(source: Parameters<typeof readContent>[0]): AsyncGenerator<Buffer> {
    yield* readContent(source, this.volume.disk, this.volume.superblock.blockSize);
  }

  async #file(path: string): Promise<Inode> {
    const inode = await this.#namespace.get(path);
    if (inode.isDirectory) throw isDirectory(path);
    if (inode.type !== 'file')
      throw unsupportedOperation(`"${path}" is a ${typeOf(inode)}, which has no content`);
    return inode;
  }

  #change<T>(operation: () => Promise<T>): Promise<T> {
    if (this.readOnly)
      return Promise.reject(
        unsupportedOperation(`The filesystem "${this.label}" was opened for reading only`),
      );
    return this.#run(operation, 'edit');
  }

  /** Waits for the operations before, then runs this one as a transaction. */
  #run<T>(operation: () => Promise<T>, purpose: 'edit' | 'look' = 'look'): Promise<T> {
    const next = this.#last.then(() => this.volume.transaction(purpose, operation));
    this.#last = next.catch(() => undefined);
    return next;
  }
}

function statOf(inode: Inode): FileStat {
  return {
    type: typeOf(inode),
    mode: inode.mode & 0o7777,
    uid: inode.uid,
    gid: inode.gid,
    size: inode.size,
    mtime: inode.time('modification'),
    links: inode.links,
    inode: inode.number,
  };
}
