import { encodeName } from '../filesystem/image-name.js';
import type { FileAttributes, FileType } from '../filesystem/file-system.js';
import { ImageError } from '../image-error.js';
import { corruption } from './corruption.js';
import { Directory, type FoundRecord } from './directory.js';
import { addLink, assertChangeable, countSubdirectory, createInode, dropLink } from './inode-lifetime.js';
import type { Inode } from './inode.js';
import type { Volume } from './volume.js';

const ROOT_INODE = 2;
const MAX_NAME = 255;

/** A path taken apart: the directory it lies in, its name there, and what that name means, if anything. */
export interface ResolvedPath {
  readonly path: string;
  readonly parent: Directory;
  readonly name: Buffer;
  readonly found: FoundRecord | undefined;
}

/** Something found, and the inode of the directory that it was found in. */
interface Place {
  readonly inode: Inode;
  readonly parent: number;
}

/** Names and directories: resolving, creating, linking, renaming and removing. Runs inside transactions. */
export class Namespace {
  constructor(private readonly volume: Volume) {}

  /** The inode at a path; undefined when there is none. */
  async lookup(path: string): Promise<Inode | undefined> {
    return (await this.#walk(splitPath(path), path))?.inode;
  }

  /** The inode at a path. @throws ImageError `IMAGE_PATH_NOT_FOUND`. */
  async get(path: string): Promise<Inode> {
    const inode = await this.lookup(path);
    if (!inode) throw notFound(path);
    return inode;
  }

  /** The directory at a path. @throws ImageError `IMAGE_PATH_NOT_FOUND`, `IMAGE_NOT_A_DIRECTORY`. */
  async getDirectory(path: string): Promise<Directory> {
    const place = await this.#walk(splitPath(path), path);
    if (!place) throw notFound(path);
    return this.#enter(place, path);
  }

  /** Resolves a path whose last name may be new. @throws ImageError `IMAGE_PATH_NOT_FOUND` for its directory. */
  async resolve(path: string): Promise<ResolvedPath> {
    const names = splitPath(path);
    const name = names.at(-1);
    if (!name)
      throw new ImageError(
        'IMAGE_OPERATION_UNSUPPORTED',
        'The root directory cannot be replaced or removed.',
      );
    const place = await this.#walk(names.slice(0, -1), path);
    if (!place) throw notFound(path);
    const parent = await this.#enter(place, path);
    return { path, parent, name, found: await parent.find(name) };
  }

  /** Makes an inode with a name; `fill` gives it content before it is stored. */
  async create(
    at: ResolvedPath,
    type: FileType,
    attributes: FileAttributes,
    fill: (inode: Inode) => Promise<void>,
  ): Promise<Inode> {
    this.#assertFree(at);
    assertChangeable(at.parent.inode, at.path, true);
    const inode = await createInode(this.volume, at.parent.inode, type, attributes);
    await fill(inode);
    await at.parent.add(at.name, inode.number, type);
    if (type === 'directory') countSubdirectory(this.volume, at.parent.inode, 1);
    await this.volume.inodes.write(inode);
    await this.#changed(at.parent);
    return inode;
  }

  async mkdir(at: ResolvedPath, attributes: FileAttributes): Promise<void> {
    await this.create(at, 'directory', attributes, async (inode) => {
      inode.links = 2;
      await Directory.create(this.volume, inode, at.parent.inode.number);
    });
  }

  async link(existing: string, at: ResolvedPath): Promise<void> {
    const inode = await this.get(existing);
    if (inode.isDirectory) throw isDirectory(existing);
    this.#assertFree(at);
    assertChangeable(inode, existing);
    assertChangeable(at.parent.inode, at.path, true);
    addLink(inode);
    inode.setTime('change', this.volume.settings.now());
    await this.volume.inodes.write(inode);
    await at.parent.add(at.name, inode.number, typeOf(inode));
    await this.#changed(at.parent);
  }

  async remove(at: ResolvedPath): Promise<void> {
    const inode = await this.#target(at);
    assertChangeable(inode, at.path);
    assertChangeable(at.parent.inode, at.path);
    if (inode.isDirectory) await this.#assertEmpty(inode, at.path);
    const found = at.found;
    if (!found) throw notFound(at.path);
    await at.parent.remove(found);
    if (inode.isDirectory) countSubdirectory(this.volume, at.parent.inode, -1);
    await dropLink(this.volume, inode);
    await this.#changed(at.parent);
  }

  /** Renames as POSIX does; both paths are resolved by the caller in the same transaction. */
  async rename(from: ResolvedPath, to: ResolvedPath): Promise<void> {
    const inode = await this.#target(from);
    const replaced = to.found ? await this.volume.inodes.get(to.found.record.inode) : undefined;
    if (replaced === inode) return;
    if (inode.isDirectory && `${to.path}/`.startsWith(`${from.path}/`))
      throw new ImageError(
        'IMAGE_PATH_INVALID',
        `"${from.path}" cannot be moved into itself ("${to.path}").`,
      );
    assertChangeable(inode, from.path);
    assertChangeable(from.parent.inode, from.path);
    assertChangeable(to.parent.inode, to.path);
    const type = typeOf(inode);
    if (to.found && replaced) {
      await this.#assertReplaceable(inode, replaced, to.path);
      await to.parent.replace(to.found, inode.number, type);
      if (replaced.isDirectory) countSubdirectory(this.volume, to.parent.inode, -1);
      await dropLink(this.volume, replaced);
    } else await to.parent.add(to.name, inode.number, type);
    // Looked up again: adding the new name may have moved the old one.
    const old = await from.parent.find(from.name);
    if (!old) throw corruption(`"${from.path}" vanished while it was renamed`);
    await from.parent.remove(old);
    if (inode.isDirectory && from.parent.inode !== to.parent.inode) {
      await new Directory(this.volume, inode).setParent(to.parent.inode.number);
      countSubdirectory(this.volume, from.parent.inode, -1);
      countSubdirectory(this.volume, to.parent.inode, 1);
    }
    inode.setTime('change', this.volume.settings.now());
    await this.volume.inodes.write(inode);
    await this.#changed(from.parent);
    if (to.parent.inode !== from.parent.inode) await this.#changed(to.parent);
  }

  async #assertReplaceable(inode: Inode, replaced: Inode, path: string): Promise<void> {
    assertChangeable(replaced, path);
    if (replaced.isDirectory && !inode.isDirectory) throw isDirectory(path);
    if (inode.isDirectory && !replaced.isDirectory) throw notADirectory(path);
    if (replaced.isDirectory) await this.#assertEmpty(replaced, path);
  }

  async #assertEmpty(inode: Inode, path: string): Promise<void> {
    if (!(await new Directory(this.volume, inode).isEmpty()))
      throw new ImageError('IMAGE_DIRECTORY_NOT_EMPTY', `The directory "${path}" is not empty.`);
  }

  #assertFree(at: ResolvedPath): void {
    if (at.found) throw new ImageError('IMAGE_PATH_EXISTS', `"${at.path}" exists already.`);
  }

  async #target(at: ResolvedPath): Promise<Inode> {
    if (!at.found) throw notFound(at.path);
    return this.volume.inodes.get(at.found.record.inode);
  }

  async #changed({ inode }: Directory): Promise<void> {
    const now = this.volume.settings.now();
    inode.setTime('modification', now);
    inode.setTime('change', now);
    await this.volume.inodes.write(inode);
  }

  /** Follows names from the root; undefined when one is not there. */
  async #walk(names: readonly Buffer[], path: string): Promise<Place | undefined> {
    let place: Place = { inode: await this.volume.inodes.get(ROOT_INODE), parent: ROOT_INODE };
    for (const name of names) {
      const directory = await this.#enter(place, path);
      const found = await directory.find(name);
      if (!found) return undefined;
      place = { inode: await this.volume.inodes.get(found.record.inode), parent: directory.inode.number };
    }
    return place;
  }

  /**
   * Goes into a directory.
   * @throws ImageError `IMAGE_NOT_A_DIRECTORY`; `IMAGE_FILESYSTEM_CORRUPT` for one whose `..` is another than where it was
   * found: below it, names would have no end.
   */
  async #enter({ inode, parent }: Place, path: string): Promise<Directory> {
    if (!inode.isDirectory) throw notADirectory(path);
    const directory = new Directory(this.volume, inode);
    if ((await directory.parent()) !== parent)
      throw corruption(`directory inode ${inode.number} is in inode ${parent}, but its ".." is not`);
    return directory;
  }
}

/** Takes a normalised absolute path apart. @throws ImageError `IMAGE_PATH_INVALID`, `IMAGE_NAME_TOO_LONG`. */
export function splitPath(path: string): Buffer[] {
  if (path === '/') return [];
  const names = path.split('/').slice(1);
  if (
    !path.startsWith('/') ||
    names.some((name) => name === '' || name === '.' || name === '..' || name.includes('\0'))
  )
    throw new ImageError('IMAGE_PATH_INVALID', `${JSON.stringify(path)} is not a normalised absolute path.`);
  return names.map((name) => {
    const bytes = encodeName(name);
    if (bytes.length > MAX_NAME)
      throw new ImageError('IMAGE_NAME_TOO_LONG', `"${name}" is longer than ${MAX_NAME} bytes.`);
    return bytes;
  });
}

/** The error for a path where a directory was needed. */
export function notADirectory(path: string): ImageError {
  return new ImageError('IMAGE_NOT_A_DIRECTORY', `"${path}" is not, or does not lie in, a directory.`);
}

/** The error for a path where something else than a directory was needed. */
export function isDirectory(path: string): ImageError {
  return new ImageError('IMAGE_IS_A_DIRECTORY', `"${path}" is a directory.`);
}

/** The error for a path where there is nothing. */
export function notFound(path: string): ImageError {
  return new ImageError('IMAGE_PATH_NOT_FOUND', `There is no "${path}" in the filesystem.`);
}

/** The type of an inode in use. */
export function typeOf(inode: Inode): FileType {
  if (!inode.type) throw corruption(`inode ${inode.number} has no type`);
  return inode.type;
}
