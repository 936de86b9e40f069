import {
  decodeName,
  type DirectoryEntry,
  type FileAttributes,
  type FileContent,
  type FileStat,
  type FileSystemUsage,
  type FileType,
  ImageError,
  contentLength,
  exactContent,
  mountError,
  type MountedFiles,
} from '@turingpi/image/backend';
import { Readable } from 'node:stream';

import type { ContainerJob, ContainerReply } from './container-job.js';
import { errorNumber } from './error-number.js';

const DEFAULT_MAX_BYTES = 16 * 2 ** 20;
/** Up to this length a file comes as an answer of the script: a transfer of its own takes the daemon much longer. */
const ANSWER_BYTES = 256 * 1024;
/** File types in the mode of an inode (inode(7)), and as the script's list tells them. */
const TYPES: readonly (readonly [number, string, FileType])[] = [
  [0o100000, 'f', 'file'],
  [0o040000, 'd', 'directory'],
  [0o120000, 'l', 'symlink'],
  [0o020000, 'c', 'character-device'],
  [0o060000, 'b', 'block-device'],
  [0o010000, 'p', 'fifo'],
  [0o140000, 's', 'socket'],
];

/** The files of a partition that is mounted in a container; the script there keeps them inside. */
export class ContainerFiles implements MountedFiles {
  /** @param now - The time given to what is written without one. */
  constructor(
    private readonly job: ContainerJob,
    private readonly mountPoint: string,
    private readonly now: () => Date,
  ) {}

  async usage(): Promise<FileSystemUsage> {
    const output = await this.#call('/', 'usage', this.mountPoint);
    const [size = 0, total = 0, free = 0, totalInodes = 0, freeInodes = 0] = numbers(output);
    return {
      blockSizeBytes: size,
      totalBytes: total * size,
      freeBytes: free * size,
      totalInodes,
      freeInodes,
    };
  }

  async lstat(path: string): Promise<FileStat | undefined> {
    try {
      return parseStat(await this.#call(path, 'lstat', ...this.#at(path)));
    } catch (error) {
      if (error instanceof ImageError && error.code === 'IMAGE_PATH_NOT_FOUND') return undefined;
      throw error;
    }
  }

  async list(path: string): Promise<DirectoryEntry[]> {
    const output = await this.#call(path, 'list', ...this.#at(path));
    return output
      .toString('latin1')
      .split('\0')
      .slice(0, -1)
      .map((entry) => ({
        name: decodeName(Buffer.from(entry.slice(1), 'latin1')),
        type: TYPES.find(([, letter]) => letter === entry[0])?.[2] ?? 'file',
      }));
  }

  async readFile(path: string, options: { readonly maxBytes?: number } = {}): Promise<Buffer> {
    const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
    const size = (await this.lstat(path))?.size ?? 0;
    if (size > maxBytes)
      throw new ImageError(
        'IMAGE_TOO_LARGE',
        `"${path}" is ${size} bytes long, more than the ${maxBytes} allowed.`,
      );
    const pieces: Buffer[] = [];
    for await (const piece of this.#read(path)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  readStream(path: string): Readable {
    return Readable.from(this.#read(path), { objectMode: false });
  }

  async readLink(path: string): Promise<string> {
    return decodeName(await this.#call(path, 'readlink', ...this.#at(path)));
  }

  async writeFile(path: string, content: FileContent, attributes: FileAttributes = {}): Promise<void> {
    const now = this.now();
    const fresh = words({ uid: 0, gid: 0, mode: 0o644, mtime: now, ...attributes });
    const kept = await this.#words(path, { mtime: now, ...attributes });
    await this.#write(path, content, ['replace', ...fresh, seconds(now), ...kept]);
  }

  async appendFile(path: string, content: FileContent): Promise<void> {
    const now = this.now();
    const kept = words({ mtime: now });
    await this.#write(path, content, ['append', ...kept, seconds(now), ...kept]);
  }

  async mkdir(path: string, attributes: FileAttributes = {}): Promise<void> {
    const now = this.now();
    await this.#call(path, 'mkdir', ...this.#at(path), seconds(now));
    await this.setAttributes(path, { uid: 0, gid: 0, mode: 0o755, mtime: now, ...attributes });
  }

  async symlink(target: string, path: string, attributes: FileAttributes = {}): Promise<void> {
    const now = this.now();
    await this.#call(path, 'symlink', ...this.#at(path), target, seconds(now));
    await this.setAttributes(path, { uid: 0, gid: 0, mtime: now, ...attributes });
  }

  async link(existing: string, path: string): Promise<void> {
    await this.#call(existing, 'link', ...this.#at(existing), ...this.#at(path), seconds(this.now()));
  }

  async setAttributes(path: string, attributes: FileAttributes): Promise<void> {
    await this.#call(path, 'set', ...this.#at(path), ...(await this.#words(path, attributes)));
  }

  async rename(from: string, to: string): Promise<void> {
    if (`${to}/`.startsWith(`${from}/`) && from !== to) {
      if ((await this.lstat(from)) === undefined) throw mountError(numbered('ENOENT'), from);
      throw new ImageError('IMAGE_PATH_INVALID', `"${from}" cannot be moved into itself ("${to}").`);
    }
    await this.#call(from, 'rename', ...this.#at(from), ...this.#at(to), seconds(this.now()));
  }

  async remove(path: string): Promise<void> {
    await this.#call(path, 'remove', ...this.#at(path), seconds(this.now()));
  }

  /** The directory in the container that a path lies in, and its name there. */
  #at(path: string): [directory: string, name: string] {
    if (path === '/') return [this.mountPoint, '.'];
    const end = path.lastIndexOf('/');
    return [`${this.mountPoint}${path.slice(0, end)}`, path.slice(end + 1)];
  }

  /** Owner and group go together in chown: the one that is not given is asked for. */
  async #words(path: string, attributes: FileAttributes): Promise<string[]> {
    if ((attributes.uid === undefined) === (attributes.gid === undefined)) return words(attributes);
    const before = await this.lstat(path);
    return words({ uid: before?.uid ?? 0, gid: before?.gid ?? 0, ...attributes });
  }

  async #write(path: string, content: FileContent, parameters: readonly string[]): Promise<void> {
    const all = [...this.#at(path), String(contentLength(content)), ...parameters];
    const transfer = await this.job.transfer('write', all, exactContent(content, path));
    const said = await collect(transfer.output);
    await this.#expect(path, await transfer.finish(), said);
  }

  async *#read(path: string): AsyncGenerator<Buffer> {
    // Refusals are asked for first: what comes through the transfer is content.
    const stat = await this.lstat(path);
    if (stat === undefined) throw mountError(numbered('ENOENT'), path);
    if (stat.type === 'directory') throw mountError(numbered('EISDIR'), path);
    if (stat.type !== 'file') throw noContent(path);
    if (stat.size <= ANSWER_BYTES) {
      yield await this.#call(path, 'read', ...this.#at(path));
      return;
    }
    const transfer = await this.job.transfer('read', this.#at(path));
    for await (const piece of transfer.output as AsyncIterable<Buffer>) yield piece;
    await this.#expect(path, await transfer.finish(), Buffer.alloc(0));
  }

  async #call(path: string, operation: string, ...parameters: readonly string[]): Promise<Buffer> {
    const reply = await this.job.call(operation, ...parameters);
    await this.#expect(path, reply, Buffer.alloc(0));
    return reply.output;
  }

  async #expect(path: string, { isDone, output }: ContainerReply, said: Buffer): Promise<void> {
    if (isDone) return;
    const number = errorNumber(Buffer.concat([said, output]).toString());
    if (number === 'EUNSUPPORTED') throw noContent(path);
    if (number === 'ESHORT')
      throw new ImageError('IMAGE_SOURCE_UNREADABLE', `The content for "${path}" was cut off.`);
    const ffree = number === 'ENOSPC' ? ((await this.usage()).freeInodes ?? 1) : 1;
    throw mountError(numbered(number), path, { ffree });
  }
}

function numbered(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function noContent(path: string): ImageError {
  return new ImageError('IMAGE_OPERATION_UNSUPPORTED', `"${path}" is not of the type that this needs.`, {
    details: { path },
  });
}

function words({ mode, uid, gid, mtime }: FileAttributes): string[] {
  return [
    mode === undefined ? '-' : (mode & 0o7777).toString(8).padStart(4, '0'),
    uid === undefined ? '-' : String(uid),
    gid === undefined ? '-' : String(gid),
    mtime === undefined ? '-' : seconds(mtime),
  ];
}

function seconds(time: Date): string {
  return String(Math.floor(time.getTime() / 1000));
}

function numbers(output: Buffer): number[] {
  return output.toString().trim().split(' ').map(Number);
}

function parseStat(output: Buffer): FileStat {
  const [rawMode = '', ...rest] = output.toString().trim().split(' ');
  const [uid = 0, gid = 0, size = 0, mtime = 0, links = 0, inode = 0] = rest.map(Number);
  const mode = Number.parseInt(rawMode, 16);
  return {
    type: TYPES.find(([bits]) => bits === (mode & 0o170000))?.[2] ?? 'file',
    mode: mode & 0o7777,
    uid,
    gid,
    size,
    mtime: new Date(mtime * 1000),
    links,
    inode,
  };
}

async function collect(output: Readable): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of output as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}
