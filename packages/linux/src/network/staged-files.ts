import type { DirectoryEntry, FileAttributes, FileContent, FileStat } from '@turingpi/image';
import { lookAtPath } from '@turingpi/provisioning';
import type { SshSession } from '@turingpi/runtime';
import type { SystemFiles } from './system-files.js';

/** A file or a symbolic link as it is to be on a node; undefined: nothing is to be there. */
export type StagedFile =
  { readonly content: Buffer; readonly mode: number } | { readonly target: string } | undefined;

const TYPES: Readonly<Record<string, DirectoryEntry['type']>> = { f: 'file', d: 'directory', l: 'symlink' };

/**
 * The files of a node that runs, for whoever changes those of an image: what is written is kept here, and the node stays as
 * it is. Directories are made with what is in them.
 */
export class StagedFiles implements SystemFiles {
  readonly #staged = new Map<string, StagedFile>();

  constructor(
    private readonly session: SshSession,
    private readonly signal: AbortSignal,
  ) {}

  /** What is to be different on the node, by path: what it has already is left out. */
  async changes(): Promise<ReadonlyMap<string, StagedFile>> {
    const changed = new Map<string, StagedFile>();
    for (const [path, file] of this.#staged) if (!(await this.#isSo(path, file))) changed.set(path, file);
    return changed;
  }

  async exists(path: string): Promise<boolean> {
    if (this.#staged.has(path)) return this.#staged.get(path) !== undefined;
    const command = ['test', '-e', path];
    const { signal } = this;
    return (await this.session.exec(command, { signal, sudo: true, allowFailure: true })).exitCode === 0;
  }

  async lstat(path: string): Promise<FileStat | undefined> {
    if (this.#staged.has(path)) return statOf(this.#staged.get(path));
    const found = await lookAtPath(this.session, path, { signal: this.signal });
    if (found === undefined) return undefined;
    const [uid = 0, gid = 0] = found.ownerIds.split(':').map(Number);
    const type = found.type === 'other' ? 'fifo' : found.type;
    return { ...UNKNOWN, type, mode: found.mode, uid, gid, size: found.size };
  }

  async list(path: string): Promise<DirectoryEntry[]> {
    const find = ['find', '-H', path, '-mindepth', '1', '-maxdepth', '1', '-printf', String.raw`%y%f\0`];
    const { stdout } = await this.session.exec(find, { signal: this.signal, sudo: true });
    const found = stdout.split('\0').filter((entry) => entry !== '');
    const entries = new Map(found.map((entry) => [entry.slice(1), TYPES[entry[0] ?? ''] ?? 'fifo'] as const));
    for (const [staged, file] of this.#staged) {
      const end = staged.lastIndexOf('/');
      if (staged.slice(0, end) !== path) continue;
      if (file === undefined) entries.delete(staged.slice(end + 1));
      else entries.set(staged.slice(end + 1), 'target' in file ? 'symlink' : 'file');
    }
    return [...entries].map(([name, type]) => ({ name, type }));
  }

  async readText(path: string): Promise<string | undefined> {
    return (await this.#read(path))?.content.toString('utf8');
  }

  async readLink(path: string): Promise<string> {
    const file = this.#staged.get(path);
    if (file !== undefined && 'target' in file) return file.target;
    return (await lookAtPath(this.session, path, { signal: this.signal }))?.target ?? '';
  }

  async writeFile(path: string, content: string | FileContent, { mode }: FileAttributes = {}): Promise<void> {
    if (typeof content !== 'string' && !(content instanceof Uint8Array))
      throw new TypeError(`${path}: a file of a node is written as a whole`);
    // A file that is there keeps its mode, as in an image.
    const kept = mode ?? (await this.lstat(path))?.mode ?? 0o644;
    this.#staged.set(path, { content: Buffer.from(content), mode: kept });
  }

  mkdir(): Promise<void> {
    return Promise.resolve();
  }

  symlink(target: string, path: string): Promise<void> {
    this.#staged.set(path, { target });
    return Promise.resolve();
  }

  async rename(from: string, to: string): Promise<void> {
    const link = await this.lstat(from);
    const file = link?.type === 'symlink' ? { target: await this.readLink(from) } : await this.#read(from);
    this.#staged.set(to, file).set(from, undefined);
  }

  remove(path: string): Promise<void> {
    this.#staged.set(path, undefined);
    return Promise.resolve();
  }

  async #read(path: string): Promise<{ readonly content: Buffer; readonly mode: number } | undefined> {
    const staged = this.#staged.get(path);
    if (this.#staged.has(path)) return staged !== undefined && 'content' in staged ? staged : undefined;
    if (!(await this.exists(path))) return undefined;
    const content = await this.session.readFile(path, { signal: this.signal, sudo: true });
    return { content, mode: (await this.lstat(path))?.mode ?? 0o644 };
  }

  async #isSo(path: string, wanted: StagedFile): Promise<boolean> {
    const found = await lookAtPath(this.session, path, { signal: this.signal });
    if (wanted === undefined || found === undefined) return wanted === found;
    if ('target' in wanted) return found.target === wanted.target;
    if (found.type !== 'file' || found.mode !== wanted.mode) return false;
    const content = await this.session.readFile(path, { signal: this.signal, sudo: true });
    return content.equals(wanted.content);
  }
}

/** What nobody asks of a file that is staged. */
const UNKNOWN = { uid: 0, gid: 0, size: 0, mtime: new Date(0), links: 1, inode: 0 } as const;

function statOf(file: StagedFile): FileStat | undefined {
  if (file === undefined) return undefined;
  if ('target' in file) return { ...UNKNOWN, type: 'symlink', mode: 0o777, size: file.target.length };
  return { ...UNKNOWN, type: 'file', mode: file.mode, size: file.content.length };
}
