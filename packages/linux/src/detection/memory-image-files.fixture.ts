import { posix } from 'node:path';
import { Readable } from 'node:stream';
import {
  type DirectoryEntry,
  type FileAttributes,
  type FileContent,
  type FileStat,
  type FileSystem,
  ImageError,
  type ImageFiles,
} from '@turingpi/image';

interface Entry {
  type: 'file' | 'directory' | 'symlink';
  mode: number;
  uid: number;
  gid: number;
  content: Buffer;
  inode: number;
}

/** What a tree is described with: text is a file, `{ link }` a symlink, `{ mode, … }` a file with attributes. */
export type TreeEntry =
  | string
  | { readonly link: string }
  | { readonly directory: true }
  | ({ readonly content: string } & FileAttributes);

/** The files of a partition in memory, for tests of operating system plugins: no image, no filesystem driver. */
export class MemoryImageFiles implements ImageFiles {
  readonly #entries = new Map<string, Entry>();
  #inodes = 1;

  constructor(
    tree: Readonly<Record<string, TreeEntry>> = {},
    readonly label = 'rootfs',
  ) {
    this.#entries.set('/', this.#entry('directory', 0o755));
    for (const [path, entry] of Object.entries(tree)) {
      this.#parents(path);
      if (typeof entry === 'string') this.#entries.set(path, this.#entry('file', 0o644, entry));
      else if ('link' in entry) this.#entries.set(path, this.#entry('symlink', 0o777, entry.link));
      else if ('directory' in entry) this.#entries.set(path, this.#entry('directory', 0o755));
      else this.#entries.set(path, { ...this.#entry('file', 0o644, entry.content), ...attributesOf(entry) });
    }
  }

  get fileSystem(): FileSystem {
    // Only what detection reads of a filesystem itself.
    return { kind: 'ext4', label: this.label, uuid: undefined, facts: {} } as unknown as FileSystem;
  }

  /** Every path with type, mode, owner and content, for assertions and secret searches. */
  dump(): ReadonlyMap<
    string,
    { readonly type: Entry['type']; readonly mode: number; readonly uid: number; readonly text: string }
  > {
    return new Map(
      [...this.#entries].map(([path, entry]) => [
        path,
        { type: entry.type, mode: entry.mode, uid: entry.uid, text: entry.content.toString('utf8') },
      ]),
    );
  }

  #entry(type: Entry['type'], mode: number, content = ''): Entry {
    return { type, mode, uid: 0, gid: 0, content: Buffer.from(content), inode: ++this.#inodes };
  }

  #parents(path: string): void {
    const parent = posix.dirname(path);
    if (this.#entries.has(parent)) return;
    this.#parents(parent);
    this.#entries.set(parent, this.#entry('directory', 0o755));
  }

  #resolve(path: string, followLast: boolean, depth = 0): string {
    if (!path.startsWith('/')) throw new ImageError('IMAGE_PATH_INVALID', `${path} is not absolute`);
    if (depth > 40) throw new ImageError('IMAGE_SYMLINK_LOOP', `${path} is a loop of links`);
    let real = '/';
    const parts = posix.normalize(path).split('/').filter(Boolean);
    for (const [index, part] of parts.entries()) {
      real = posix.join(real, part);
      const entry = this.#entries.get(real);
      if (entry?.type === 'symlink' && (followLast || index < parts.length - 1)) {
        const target = posix.resolve(posix.dirname(real), entry.content.toString());
        return this.#resolve(posix.join(target, ...parts.slice(index + 1)), followLast, depth + 1);
      }
    }
    return real;
  }

  #find(path: string, followLast = true): Entry {
    const entry = this.#entries.get(this.#resolve(path, followLast));
    if (!entry) throw new ImageError('IMAGE_PATH_NOT_FOUND', `${path}: no such file`);
    return entry;
  }

  async realPath(path: string): Promise<string> {
    return this.#resolve(path, true);
  }
  async exists(path: string): Promise<boolean> {
    return this.#entries.has(this.#resolve(path, true));
  }
  async stat(path: string): Promise<FileStat> {
    return statOf(this.#find(path));
  }
  async lstat(path: string): Promise<FileStat | undefined> {
    const entry = this.#entries.get(this.#resolve(path, false));
    return entry && statOf(entry);
  }
  async list(path: string): Promise<DirectoryEntry[]> {
    if (this.#find(path).type !== 'directory')
      throw new ImageError('IMAGE_NOT_A_DIRECTORY', `${path} is not a directory`);
    const real = this.#resolve(path, true);
    return [...this.#entries]
      .filter(([name]) => name !== '/' && posix.dirname(name) === real)
      .map(([name, { type }]) => ({ name: posix.basename(name), type }));
  }
  async readFile(path: string): Promise<Buffer> {
    const entry = this.#find(path);
    if (entry.type === 'directory') throw new ImageError('IMAGE_IS_A_DIRECTORY', `${path} is a directory`);
    return Buffer.from(entry.content);
  }
  async readText(path: string): Promise<string | undefined> {
    return (await this.exists(path)) ? (await this.readFile(path)).toString('utf8') : undefined;
  }
  async readLink(path: string): Promise<string> {
    return this.#find(path, false).content.toString();
  }
  async writeFile(path: string, content: string | FileContent, attributes?: FileAttributes): Promise<void> {
    const real = this.#resolve(path, true);
    this.#parents(real);
    const old = this.#entries.get(real);
    if (old?.type === 'directory') throw new ImageError('IMAGE_IS_A_DIRECTORY', `${path} is a directory`);
    const entry = old ?? this.#entry('file', 0o644);
    this.#entries.set(real, { ...entry, content: await bytesOf(content), ...attributesOf(attributes) });
  }
  async appendFile(path: string, content: string | FileContent): Promise<void> {
    const entry = this.#find(path);
    entry.content = Buffer.concat([entry.content, await bytesOf(content)]);
  }
  async mkdir(path: string, attributes?: FileAttributes): Promise<void> {
    const real = this.#resolve(path, true);
    this.#parents(real);
    if (!this.#entries.has(real))
      this.#entries.set(real, { ...this.#entry('directory', 0o755), ...attributesOf(attributes) });
  }
  async symlink(target: string, path: string): Promise<void> {
    const real = this.#resolve(path, false);
    this.#parents(real);
    this.#entries.set(real, this.#entry('symlink', 0o777, target));
  }
  async setAttributes(path: string, attributes: FileAttributes): Promise<void> {
    Object.assign(this.#find(path), attributesOf(attributes));
  }
  async rename(from: string, to: string): Promise<void> {
    const [source, target] = [this.#resolve(from, false), this.#resolve(to, false)];
    for (const [path, entry] of [...this.#entries])
      if (path === source || path.startsWith(`${source}/`)) {
        this.#entries.delete(path);
        this.#entries.set(target + path.slice(source.length), entry);
      }
  }
  async remove(path: string): Promise<void> {
    const real = this.#resolve(path, false);
    for (const name of [...this.#entries.keys()])
      if (name === real || name.startsWith(`${real}/`)) this.#entries.delete(name);
  }
}

function attributesOf(attributes: FileAttributes = {}): Partial<Entry> {
  const { mode, uid, gid } = attributes;
  return {
    ...(mode !== undefined && { mode }),
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
  };
}

async function bytesOf(content: string | FileContent): Promise<Buffer> {
  if (typeof content === 'string' || content instanceof Uint8Array) return Buffer.from(content as Uint8Array);
  const chunks: Buffer[] = [];
  for await (const chunk of Readable.from(content.stream)) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}

function statOf(entry: Entry): FileStat {
  return {
    type: entry.type,
    mode: entry.mode,
    uid: entry.uid,
    gid: entry.gid,
    size: entry.content.length,
    mtime: new Date(0),
    links: 1,
    inode: entry.inode,
  };
}
