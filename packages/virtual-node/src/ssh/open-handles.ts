import type { FileStat } from '@turingpi/image';
import { FileFailure } from '../system/file-failure.js';
import type { NodeFiles } from '../system/node-files.js';

/** How a file is opened. */
export interface OpenFlags {
  readonly read: boolean;
  readonly write: boolean;
  readonly append: boolean;
  readonly create: boolean;
  readonly truncate: boolean;
  readonly exclusive: boolean;
  /** Of a file that is made. */
  readonly mode: number;
}

interface OpenFile {
  readonly kind: 'file';
  readonly path: string;
  readonly flags: OpenFlags;
  content: Buffer;
  length: number;
  dirty: boolean;
}

interface OpenDirectory {
  readonly kind: 'directory';
  readonly path: string;
  names: readonly string[] | undefined;
}

const READ = 4;
const WRITE = 2;
const FIRST_BYTES = 64 * 1024;

/** Open files and directories of one SFTP session. A file's new content is kept in memory and written when it is closed. */
export class OpenHandles {
  readonly #open = new Map<number, OpenFile | OpenDirectory>();
  #next = 1;

  constructor(private readonly files: NodeFiles) {}

  async openFile(path: string, flags: OpenFlags): Promise<Buffer> {
    const there = await this.files.stat(path).catch((error: unknown) => {
      const failure = FileFailure.from(error, path);
      if (failure.code === 'ENOENT' && flags.create) return undefined;
      throw failure;
    });
    // Exclusive also refuses a link that leads nowhere.
    const named = flags.exclusive ? await this.files.lstat(path).catch(() => undefined) : undefined;
    if (flags.create && flags.exclusive && (there ?? named) !== undefined)
      throw new FileFailure('EEXIST', path);
    if (there?.type === 'directory') throw new FileFailure('EISDIR', path);
    if (there !== undefined)
      await this.files.demand(path, (flags.read ? READ : 0) | (flags.write ? WRITE : 0));
    if (there === undefined || flags.truncate) await this.files.writeFile(path, Buffer.alloc(0), flags.mode);
    const content = there === undefined || flags.truncate ? Buffer.alloc(0) : await this.files.readFile(path);
    return this.#add({ kind: 'file', path, flags, content, length: content.length, dirty: false });
  }

  async openDirectory(path: string): Promise<Buffer> {
    const names = (await this.files.list(path)).map((entry) => entry.name);
    return this.#add({ kind: 'directory', path, names: ['.', '..', ...names.sort()] });
  }

  async read(handle: Buffer, offset: number, length: number): Promise<Buffer> {
    const file = this.#file(handle);
    await Promise.resolve();
    return file.content.subarray(offset, Math.min(offset + length, file.length));
  }

  write(handle: Buffer, offset: number, data: Buffer): void {
    const file = this.#file(handle);
    if (!file.flags.write) throw new FileFailure('EACCES', file.path);
    const at = file.flags.append ? file.length : offset;
    const end = at + data.length;
    if (end > file.content.length) {
      const grown = Buffer.alloc(Math.max(end, file.content.length * 2, FIRST_BYTES));
      file.content.copy(grown, 0, 0, file.length);
      file.content = grown;
    }
    data.copy(file.content, at);
    file.length = Math.max(file.length, end);
    file.dirty = true;
  }

  /** The next names of a directory, with the directory's path; undefined at its end. */
  nextEntries(handle: Buffer): { readonly name: string; readonly directory: string }[] | undefined {
    const open = this.#entry(handle);
    if (open.kind !== 'directory') throw new FileFailure('ENOTDIR', open.path);
    const { names, path } = open;
    open.names = undefined;
    return names?.map((name) => ({ name, directory: path }));
  }

  async stat(handle: Buffer): Promise<FileStat> {
    const open = this.#entry(handle);
    const stat = await this.files.stat(open.path);
    return open.kind === 'file' ? { ...stat, size: open.length } : stat;
  }

  /** Changes attributes of an open file; what was written to it goes first. */
  async change(handle: Buffer, apply: (path: string) => Promise<void>): Promise<void> {
    const open = this.#entry(handle);
    if (open.kind === 'file') await this.#store(open);
    await apply(open.path);
  }

  async close(handle: Buffer): Promise<void> {
    const open = this.#entry(handle);
    this.#open.delete(handle.readUInt32BE(0));
    if (open.kind === 'file') await this.#store(open);
  }

  async #store(file: OpenFile): Promise<void> {
    if (!file.dirty) return;
    await this.files.writeFile(file.path, file.content.subarray(0, file.length));
    file.dirty = false;
  }

  #add(open: OpenFile | OpenDirectory): Buffer {
    const handle = Buffer.alloc(4);
    handle.writeUInt32BE(this.#next);
    this.#open.set(this.#next, open);
    this.#next += 1;
    return handle;
  }

  #entry(handle: Buffer): OpenFile | OpenDirectory {
    const open = handle.length === 4 ? this.#open.get(handle.readUInt32BE(0)) : undefined;
    if (open === undefined) throw new FileFailure('EINVAL', 'handle');
    return open;
  }

  #file(handle: Buffer): OpenFile {
    const open = this.#entry(handle);
    if (open.kind !== 'file') throw new FileFailure('EISDIR', open.path);
    return open;
  }
}
