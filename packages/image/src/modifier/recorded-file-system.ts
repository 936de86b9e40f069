import { encodeName } from '../filesystem/image-name.js';
import { Readable } from 'node:stream';
import type {
  DirectoryEntry,
  FileAttributes,
  FileContent,
  FileStat,
  FileSystem,
  FileSystemUsage,
  ReadableFileSystem,
} from '../filesystem/file-system.js';
import { listChanges, type RecordedChange } from './recorded-changes.js';
import { appendPart, type ContentPart, partsSize, readParts } from './recorded-content.js';
import type { RecordedFile, RecordedNode } from './recorded-node.js';
import { failure, RecordedTree } from './recorded-tree.js';

const DEFAULT_READ_BYTES = 16 * 1024 * 1024;
const DEFAULT_TIME = new Date('2024-01-01T00:00:00Z');

/**
 * A filesystem as it will be: changes kept in memory over a base that is only read, or over nothing.
 *
 * @remarks It answers and refuses as the real one would, but for space, and never holds the content of a file of this
 * machine, only its place and digest.
 */
export class RecordedFileSystem implements FileSystem {
  readonly kind: 'ext4' | 'fat';
  readonly label: string;
  readonly uuid: string | undefined;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly #tree: RecordedTree;

  /** @param base - What is changed; undefined for an empty ext4. */
  constructor(private readonly base: ReadableFileSystem | undefined) {
    this.kind = base?.kind ?? 'ext4';
    this.label = base?.label ?? '';
    this.uuid = base?.uuid;
    this.facts = base?.facts ?? {};
    this.#tree = new RecordedTree(base, this.kind);
  }

  /** What differs from the base, sorted by path. */
  changes(): RecordedChange[] {
    return listChanges(this.#tree.root);
  }

  async lstat(path: string): Promise<FileStat | undefined> {
    const node = await this.#tree.find(path);
    if (node === undefined) return undefined;
    const origin = node.origin === undefined ? undefined : await this.base?.lstat(node.origin || '/');
    return {
      type: node.type,
      mode: node.type === 'directory' ? 0o755 : node.type === 'symlink' ? 0o777 : 0o644,
      uid: 0,
      gid: 0,
      mtime: DEFAULT_TIME,
      links: 1,
      inode: 0,
      ...origin,
      ...definedOnly(node.attributes),
      size: this.#sizeOf(node, origin?.size ?? 0),
    };
  }

  async list(path: string): Promise<DirectoryEntry[]> {
    const directory = await this.#tree.directory(path);
    const entries = new Map<string, DirectoryEntry>();
    if (directory.origin !== undefined && this.base !== undefined)
      for (const entry of await this.base.list(directory.origin || '/'))
        entries.set(this.#tree.key(entry.name), entry);
    for (const [key, { name, node }] of directory.children) {
      if (node === undefined) entries.delete(key);
      else if (!entries.has(key)) entries.set(key, { name, type: node.type });
      else entries.set(key, { name: entries.get(key)?.name ?? name, type: node.type });
    }
    return [...entries.values()];
  }

  async readFile(
    path: string,
    { maxBytes = DEFAULT_READ_BYTES }: { maxBytes?: number } = {},
  ): Promise<Buffer> {
    const parts = await this.#partsOf(await this.#file(path));
    const size = partsSize(parts);
    if (size > maxBytes)
      throw failure('IMAGE_TOO_LARGE', path, `has ${size} bytes; at most ${maxBytes} are read`);
    const chunks: Uint8Array[] = [];
    for await (const chunk of readParts(parts, this.base)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  readStream(path: string): Readable {
    const open = async () => this.#partsOf(await this.#file(path));
    const { base } = this;
    return Readable.from(
      (async function* () {
        yield* readParts(await open(), base);
      })(),
      { objectMode: false },
    );
  }

  async readLink(path: string): Promise<string> {
    const node = await this.#tree.existing(path);
    if (node.type !== 'symlink') throw failure('IMAGE_OPERATION_UNSUPPORTED', path, 'is not a symlink');
    return node.target ?? (await this.base?.readLink(node.origin ?? '/')) ?? '';
  }

  async writeFile(path: string, content: FileContent, attributes: FileAttributes = {}): Promise<void> {
    await this.writeParts(path, [{ kind: 'bytes', bytes: await bytesOf(content) }], attributes);
  }

  async appendFile(path: string, content: FileContent): Promise<void> {
    const file = await this.#file(path);
    file.parts = appendPart(await this.#partsOf(file), { kind: 'bytes', bytes: await bytesOf(content) });
  }

  /** Makes or replaces a file whose content need not be in memory. */
  async writeParts(
    path: string,
    parts: readonly ContentPart[],
    attributes: FileAttributes = {},
  ): Promise<void> {
    const kept = parts.filter((part) => part.kind !== 'bytes' || part.bytes.length > 0);
    const place = await this.#tree.placeOf(path);
    const existing = await this.#tree.child(place);
    if (existing?.type === 'directory') throw failure('IMAGE_IS_A_DIRECTORY', path, 'is a directory');
    if (existing?.type === 'file') {
      existing.parts = kept;
      existing.attributes = { ...existing.attributes, ...definedOnly(attributes) };
    } else if (existing === undefined) {
      this.#tree.put(place, path, {
        type: 'file',
        origin: undefined,
        attributes: definedOnly(attributes),
        parts: kept,
      });
    } else throw failure('IMAGE_OPERATION_UNSUPPORTED', path, `is a ${existing.type}, not a file`);
  }

  async mkdir(path: string, attributes: FileAttributes = {}): Promise<void> {
    await this.#make(path, {
      type: 'directory',
      origin: undefined,
      attributes: definedOnly(attributes),
      children: new Map(),
    });
  }

  async symlink(target: string, path: string, attributes: FileAttributes = {}): Promise<void> {
    if (this.kind === 'fat')
      throw failure('IMAGE_OPERATION_UNSUPPORTED', path, 'cannot be a symlink: FAT has none');
    await this.#make(path, {
      type: 'symlink',
      origin: undefined,
      attributes: definedOnly(attributes),
      target,
    });
  }

  link(_existing: string, path: string): Promise<void> {
    return Promise.reject(failure('IMAGE_OPERATION_UNSUPPORTED', path, 'cannot be recorded as a hard link'));
  }

  async setAttributes(path: string, attributes: FileAttributes): Promise<void> {
    const node = await this.#tree.existing(path);
    node.attributes = { ...node.attributes, ...definedOnly(attributes) };
  }

  async rename(from: string, to: string): Promise<void> {
    const node = await this.#tree.existing(from);
    if (this.#tree.key(`${to}/`).startsWith(this.#tree.key(`${from}/`)) && from !== to)
      throw failure('IMAGE_PATH_INVALID', to, `is inside ${from}, which cannot be moved into itself`);
    const source = await this.#tree.placeOf(from);
    const target = await this.#tree.placeOf(to);
    const replaced = await this.#tree.child(target);
    if (replaced === node && source.name === target.name) return;
    if (replaced !== undefined && replaced !== node) {
      if (node.type === 'directory' && replaced.type !== 'directory')
        throw failure('IMAGE_NOT_A_DIRECTORY', to, 'exists and is not a directory');
      if (node.type !== 'directory' && replaced.type === 'directory')
        throw failure('IMAGE_IS_A_DIRECTORY', to, 'is a directory');
      await this.#assertEmpty(replaced, to);
    }
    this.#tree.assertHolds(target, to);
    await this.#tree.take(source);
    this.#tree.put(target, to, node);
  }

  async remove(path: string): Promise<void> {
    await this.#assertEmpty(await this.#tree.existing(path), path);
    await this.#tree.take(await this.#tree.placeOf(path));
  }

  async readExtendedAttributes(path: string): Promise<ReadonlyMap<string, Buffer>> {
    const { origin } = await this.#tree.existing(path);
    return origin === undefined || this.base === undefined
      ? new Map<string, Buffer>()
      : this.base.readExtendedAttributes(origin || '/');
  }

  async usage(): Promise<FileSystemUsage> {
    const none = {
      blockSizeBytes: 4096,
      totalBytes: 0,
      freeBytes: 0,
      totalInodes: undefined,
      freeInodes: undefined,
    };
    return (await this.base?.usage()) ?? none;
  }

  /** Nothing is ever written. */
  flush(): Promise<void> {
    return Promise.resolve();
  }

  /** There is nothing on a disk to check. */
  selfCheck(): Promise<void> {
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  #sizeOf(node: RecordedNode, originSize: number): number {
    if (node.type === 'file') return node.parts === undefined ? originSize : partsSize(node.parts);
    return node.type === 'symlink' && node.target !== undefined ? encodeName(node.target).length : originSize;
  }

  async #partsOf({ parts, origin }: RecordedFile): Promise<readonly ContentPart[]> {
    if (parts !== undefined) return parts;
    const size = (await this.base?.lstat(origin ?? '/'))?.size ?? 0;
    return size === 0 ? [] : [{ kind: 'base', path: origin ?? '/', size }];
  }

  async #file(path: string): Promise<RecordedFile> {
    const node = await this.#tree.existing(path);
    if (node.type === 'directory') throw failure('IMAGE_IS_A_DIRECTORY', path, 'is a directory');
    if (node.type !== 'file')
      throw failure('IMAGE_OPERATION_UNSUPPORTED', path, `is a ${node.type}, not a file`);
    return node;
  }

  async #make(path: string, node: RecordedNode): Promise<void> {
    const place = await this.#tree.placeOf(path);
    if ((await this.#tree.child(place)) !== undefined)
      throw failure('IMAGE_PATH_EXISTS', path, 'exists already');
    this.#tree.put(place, path, node);
  }

  async #assertEmpty(node: RecordedNode, path: string): Promise<void> {
    if (node.type === 'directory' && (await this.list(path)).length > 0)
      throw failure('IMAGE_DIRECTORY_NOT_EMPTY', path, 'is a directory and not empty');
  }
}

function definedOnly(attributes: FileAttributes): FileAttributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}

async function bytesOf(content: FileContent): Promise<Buffer> {
  if (content instanceof Uint8Array) return Buffer.from(content);
  const chunks: Uint8Array[] = [];
  for await (const chunk of content.stream as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
