import { dirname, join, normalize } from 'node:path/posix';
import type { DirectoryEntry, FileAttributes, FileStat, ImageFiles } from '@turingpi/image';
import { FileFailure } from './file-failure.js';
import type { Identity } from './identity.js';

const READ = 4;
const WRITE = 2;
const EXECUTE = 1;
const STICKY = 0o1000;

/** What {@link NodeFiles} needs of the node that owns the disk. */
export interface NodeFilesHost {
  readonly root: ImageFiles;
  /** One operation at a time. */
  exclusively<T>(operation: () => Promise<T>): Promise<T>;
  /** Called after something was changed. */
  changed(): void;
  /** Content of a file that the kernel makes up, such as the boot id. */
  kernelFile(path: string): string | undefined;
}

/**
 * A node's files as one of its users may use them.
 *
 * @remarks Permissions are the plain owner, group and others bits; root may do everything. Directories on the way
 * are checked along the real path. Every method throws {@link FileFailure}.
 */
export class NodeFiles {
  constructor(
    private readonly host: NodeFilesHost,
    readonly identity: Identity,
  ) {}

  stat(path: string): Promise<FileStat> {
    return this.#reading(path, async (root) => {
      const real = await this.#enter(root, path);
      return this.#existing(await root.lstat(real), path);
    });
  }

  lstat(path: string): Promise<FileStat> {
    return this.#reading(path, async (root) =>
      this.#existing(await root.lstat(await this.#entry(root, path)), path),
    );
  }

  async exists(path: string): Promise<boolean> {
    return (await this.stat(path).catch(() => undefined)) !== undefined;
  }

  realPath(path: string): Promise<string> {
    return this.#reading(path, async (root) => this.#enter(root, path));
  }

  readLink(path: string): Promise<string> {
    return this.#reading(path, async (root) => {
      const entry = await this.#entry(root, path);
      if (this.#existing(await root.lstat(entry), path).type !== 'symlink')
        throw new FileFailure('EINVAL', path);
      return root.readLink(entry);
    });
  }

  list(path: string): Promise<DirectoryEntry[]> {
    return this.#reading(path, async (root) => {
      const real = await this.#enter(root, path);
      const stat = this.#existing(await root.lstat(real), path);
      if (stat.type !== 'directory') throw new FileFailure('ENOTDIR', path);
      this.#demand(stat, READ, path);
      return root.list(real);
    });
  }

  readFile(path: string): Promise<Buffer> {
    const made = this.host.kernelFile(normalize(path));
    if (made !== undefined) return Promise.resolve(Buffer.from(made));
    return this.#reading(path, async (root) => {
      const real = await this.#enter(root, path);
      const stat = this.#existing(await root.lstat(real), path);
      if (stat.type === 'directory') throw new FileFailure('EISDIR', path);
      this.#demand(stat, READ, path);
      return root.readFile(real, { maxBytes: 1024 * 1024 * 1024 });
    });
  }

  /** Makes or replaces a file; a new one belongs to the user. */
  writeFile(path: string, content: Uint8Array, mode = 0o644): Promise<void> {
    return this.#changing(path, async (root) => {
      const real = await this.#enter(root, path);
      const stat = await root.lstat(real);
      if (stat?.type === 'directory') throw new FileFailure('EISDIR', path);
      if (stat !== undefined) {
        this.#demand(stat, WRITE, path);
        await root.writeFile(real, content, { mtime: new Date() });
        return;
      }
      await this.#demandInParent(root, real, path);
      await root.writeFile(real, content, { mode, ...this.#owner(), mtime: new Date() });
    });
  }

  mkdir(path: string, mode = 0o755): Promise<void> {
    return this.#changing(path, async (root) => {
      const entry = await this.#entry(root, path);
      if ((await root.lstat(entry)) !== undefined) throw new FileFailure('EEXIST', path);
      await this.#demandInParent(root, entry, path);
      await root.mkdir(entry, { mode, ...this.#owner(), mtime: new Date() });
    });
  }

  symlink(target: string, path: string): Promise<void> {
    return this.#changing(path, async (root) => {
      const entry = await this.#entry(root, path);
      if ((await root.lstat(entry)) !== undefined) throw new FileFailure('EEXIST', path);
      await this.#demandInParent(root, entry, path);
      await root.symlink(target, entry);
    });
  }

  /** Removes a file, a link or an empty directory. */
  remove(path: string): Promise<void> {
    return this.#changing(path, async (root) => {
      const entry = await this.#entry(root, path);
      const stat = this.#existing(await root.lstat(entry), path);
      await this.#demandInParent(root, entry, path, stat);
      if (stat.type === 'directory' && (await root.list(entry)).length > 0)
        throw new FileFailure('ENOTEMPTY', path);
      await root.remove(entry);
    });
  }

  /** Renames, replacing a file that is there. */
  rename(from: string, to: string): Promise<void> {
    return this.#changing(from, async (root) => {
      const [source, target] = [await this.#entry(root, from), await this.#entry(root, to)];
      const stat = this.#existing(await root.lstat(source), from);
      const replaced = await root.lstat(target);
      await this.#demandInParent(root, source, from, stat);
      await this.#demandInParent(root, target, to, replaced);
      await root.rename(source, target);
    });
  }

  /** Changes mode, owner or times as `chmod`, `chown` and `touch` may. */
  setAttributes(path: string, attributes: FileAttributes): Promise<void> {
    return this.#changing(path, async (root) => {
      const real = await this.#enter(root, path);
      const stat = this.#existing(await root.lstat(real), path);
      const { uid, gid } = attributes;
      const mine = stat.uid === this.identity.uid;
      const givesAway =
        (uid !== undefined && uid !== stat.uid) ||
        (gid !== undefined && gid !== stat.gid && !(mine && this.identity.gids.has(gid)));
      if (this.identity.uid !== 0 && (!mine || givesAway)) throw new FileFailure('EPERM', path);
      await root.setAttributes(real, attributes);
    });
  }

  /** @throws FileFailure `EACCES` unless the user may read, write or execute (4, 2, 1) the file. */
  async demand(path: string, wanted: number): Promise<FileStat> {
    const stat = await this.stat(path);
    this.#demand(stat, wanted, path);
    return stat;
  }

  async #reading<T>(path: string, operation: (root: ImageFiles) => Promise<T>): Promise<T> {
    try {
      return await this.host.exclusively(() => operation(this.host.root));
    } catch (error) {
      throw FileFailure.from(error, path);
    }
  }

  async #changing(path: string, operation: (root: ImageFiles) => Promise<void>): Promise<void> {
    await this.#reading(path, operation);
    this.host.changed();
  }

  /** The real path behind a path, links at its end followed; the last component need not exist. */
  async #enter(root: ImageFiles, path: string): Promise<string> {
    const real = await root.realPath(absolute(path));
    await this.#pass(root, dirname(real), path);
    return real;
  }

  /** The real path of the name itself: links on the way are followed, one at its end is not. */
  async #entry(root: ImageFiles, path: string): Promise<string> {
    const full = absolute(path);
    if (full === '/') return full;
    const parent = await root.realPath(dirname(full));
    await this.#pass(root, parent, path);
    return join(parent, full.slice(full.lastIndexOf('/') + 1));
  }

  async #pass(root: ImageFiles, directory: string, path: string): Promise<void> {
    if (this.identity.uid === 0) return;
    for (let at = directory; ; at = dirname(at)) {
      const stat = await root.lstat(at);
      if (stat?.type === 'directory') this.#demand(stat, EXECUTE, path);
      if (at === '/') return;
    }
  }

  async #demandInParent(root: ImageFiles, entry: string, path: string, victim?: FileStat): Promise<void> {
    const parent = await root.lstat(dirname(entry));
    if (parent === undefined) throw new FileFailure('ENOENT', path);
    if (parent.type !== 'directory') throw new FileFailure('ENOTDIR', path);
    this.#demand(parent, WRITE | EXECUTE, path);
    const { uid } = this.identity;
    if (victim !== undefined && (parent.mode & STICKY) !== 0 && ![0, victim.uid, parent.uid].includes(uid))
      throw new FileFailure('EPERM', path);
  }

  #demand(stat: FileStat, wanted: number, path: string): void {
    const { uid, gids } = this.identity;
    if (uid === 0) {
      // Root may read and write anything, but runs only what somebody may run.
      if ((wanted & EXECUTE) !== 0 && stat.type === 'file' && (stat.mode & 0o111) === 0)
        throw new FileFailure('EACCES', path);
      return;
    }
    const bits = stat.uid === uid ? stat.mode >> 6 : gids.has(stat.gid) ? stat.mode >> 3 : stat.mode;
    if ((bits & wanted) !== wanted) throw new FileFailure('EACCES', path);
  }

  #owner(): { readonly uid: number; readonly gid: number } {
    return { uid: this.identity.uid, gid: this.identity.gid };
  }

  #existing(stat: FileStat | undefined, path: string): FileStat {
    if (stat === undefined) throw new FileFailure('ENOENT', path);
    return stat;
  }
}

function absolute(path: string): string {
  if (!path.startsWith('/')) throw new FileFailure('EINVAL', path);
  const plain = normalize(path);
  return plain.length > 1 && plain.endsWith('/') ? plain.slice(0, -1) : plain;
}
