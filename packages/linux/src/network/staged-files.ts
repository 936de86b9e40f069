import type { DirectoryEntry, FileAttributes, FileContent, FileStat } from '@turingpi/image';
import { lookAtPath } from '@turingpi/provisioning';
import type { SshSession } from '@turingpi/runtime';
import { LinuxError } from '../linux-error.js';
import type { SystemFiles } from './system-files.js';

/** A file or a symbolic link as it is to be on a node; undefined: nothing is to be there. */
export type StagedFile =
  { readonly content: Buffer; readonly mode: number } | { readonly target: string } | undefined;

/** What is looked at of a node at once: where its network is configured, and what tells by which program. */
const LOOKED_AT = [
  ...['/etc/netplan', '/usr/lib/netplan', '/lib/netplan', '/etc/network', '/etc/systemd/network'],
  ...['/etc/NetworkManager/system-connections', '/etc/systemd/system', '/etc/resolv.conf'],
] as const;

const TYPES: Readonly<Record<string, FileStat['type']>> = { f: 'file', d: 'directory', l: 'symlink' };

/** What is at a path of the node. */
interface Entry extends FileStat {
  /** Where a symbolic link leads. */
  readonly target: string;
}

/**
 * The files of a node that runs, for whoever changes those of an image: what is written is kept here, and the node stays as
 * it is. Directories are made with what is in them.
 */
export class StagedFiles implements SystemFiles {
  readonly #staged = new Map<string, StagedFile>();

  private constructor(
    private readonly session: SshSession,
    private readonly signal: AbortSignal,
    /** All below {@link LOOKED_AT}. */
    private readonly found: ReadonlyMap<string, Entry>,
  ) {}

  /**
   * Looks at the files of a node: at once, since each question takes its time there and back.
   *
   * @throws LinuxError `NETWORK_STACK_UNKNOWN` when it does not tell.
   */
  static async of(session: SshSession, signal: AbortSignal): Promise<StagedFiles> {
    const print = ['%p', '%y', '%m', '%U', '%G', '%s', '%l'].join(String.raw`\0`) + String.raw`\0`;
    const command = ['find', '-H', ...LOOKED_AT, '-printf', print];
    const { stdout } = await session.exec(command, { signal, sudo: true, allowFailure: true }); // some are not there
    const words = stdout.split('\0');
    const found = new Map<string, Entry>();
    for (let at = 0; at + 7 <= words.length; at += 7) {
      const [path = '', type = '', mode = '', uid, gid, size, target = ''] = words.slice(at, at + 7);
      const numbers = {
        mode: Number.parseInt(mode, 8),
        uid: Number(uid),
        gid: Number(gid),
        size: Number(size),
      };
      found.set(path, { ...UNKNOWN, ...numbers, type: TYPES[type] ?? 'fifo', target });
    }
    if (!found.has('/etc/systemd/system'))
      throw new LinuxError(
        'NETWORK_STACK_UNKNOWN',
        `${session.place} does not tell how its network is set up`,
        {
          hint: 'It is asked with `find -printf`, of GNU findutils, and must have systemd. `turingpi reinstall` writes the network into a new image instead.',
        },
      );
    return new StagedFiles(session, signal, found);
  }

  /** What is to be different on the node, by path: what it has already is left out. */
  async changes(): Promise<ReadonlyMap<string, StagedFile>> {
    const changed = new Map<string, StagedFile>();
    for (const [path, file] of this.#staged) if (!(await this.#isSo(path, file))) changed.set(path, file);
    return changed;
  }

  /** A file as it is on the node, whatever is to become of it; undefined where no file is there. */
  async onNode(path: string): Promise<{ readonly content: Buffer; readonly mode: number } | undefined> {
    const entry = await this.#entry(path);
    if (entry?.type !== 'file') return undefined;
    const content = await this.session.readFile(path, { signal: this.signal, sudo: true });
    return { content, mode: entry.mode };
  }

  async exists(path: string): Promise<boolean> {
    if (this.#staged.has(path)) return this.#staged.get(path) !== undefined;
    const entry = this.found.get(path);
    if (entry === undefined ? isLookedAt(path) : entry.type !== 'symlink') return entry !== undefined;
    const command = ['test', '-e', path];
    const { signal } = this;
    return (await this.session.exec(command, { signal, sudo: true, allowFailure: true })).exitCode === 0;
  }

  async lstat(path: string): Promise<FileStat | undefined> {
    if (this.#staged.has(path)) return statOf(this.#staged.get(path));
    return this.#entry(path);
  }

  list(path: string): Promise<DirectoryEntry[]> {
    const entries = new Map<string, DirectoryEntry['type']>();
    for (const [name, { type }] of this.found) if (parentOf(name) === path) entries.set(baseOf(name), type);
    for (const [name, file] of this.#staged) {
      if (parentOf(name) !== path) continue;
      if (file === undefined) entries.delete(baseOf(name));
      else entries.set(baseOf(name), 'target' in file ? 'symlink' : 'file');
    }
    return Promise.resolve([...entries].map(([name, type]) => ({ name, type })));
  }

  async readText(path: string): Promise<string | undefined> {
    return (await this.#read(path))?.content.toString('utf8');
  }

  async readLink(path: string): Promise<string> {
    const file = this.#staged.get(path);
    if (file !== undefined && 'target' in file) return file.target;
    return (await this.#entry(path))?.target ?? '';
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

  /** What is at a path of the node as it is. */
  async #entry(path: string): Promise<Entry | undefined> {
    const known = this.found.get(path);
    if (known !== undefined || isLookedAt(path)) return known;
    const seen = await lookAtPath(this.session, path, { signal: this.signal });
    if (seen === undefined) return undefined;
    const type = seen.type === 'other' ? 'fifo' : seen.type;
    return { ...UNKNOWN, type, mode: seen.mode, size: seen.size, target: seen.target ?? '' };
  }

  async #isSo(path: string, wanted: StagedFile): Promise<boolean> {
    const entry = await this.#entry(path);
    if (wanted === undefined || entry === undefined) return wanted === entry;
    if ('target' in wanted) return entry.type === 'symlink' && entry.target === wanted.target;
    if (entry.mode !== wanted.mode) return false;
    return (await this.onNode(path))?.content.equals(wanted.content) === true;
  }
}

/** What nobody asks of a file that is staged. */
const UNKNOWN = { uid: 0, gid: 0, size: 0, mtime: new Date(0), links: 1, inode: 0 } as const;

function statOf(file: StagedFile): FileStat | undefined {
  if (file === undefined) return undefined;
  if ('target' in file) return { ...UNKNOWN, type: 'symlink', mode: 0o777, size: file.target.length };
  return { ...UNKNOWN, type: 'file', mode: file.mode, size: file.content.length };
}

function isLookedAt(path: string): boolean {
  return LOOKED_AT.some((root) => path === root || path.startsWith(`${root}/`));
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
