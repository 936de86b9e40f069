import { Readable } from 'node:stream';
import type { WritableDisk } from '../disk/disk.js';
import type {
  DirectoryEntry,
  FileAttributes,
  FileContent,
  FileStat,
  FileSystem,
  FileSystemUsage,
} from '../filesystem/file-system.js';
import { checkFat } from './fat-check.js';
import { contentSize, readContent, writeContent } from './fat-content.js';
import {
  ARCHIVE_ATTRIBUTE,
  DIRECTORY_ATTRIBUTE,
  encodeShortEntry,
  type FatEntry,
  setContent,
  setModified,
} from './fat-entry.js';
import { assertFatName, foldName } from './fat-name.js';
import { FatFileStore } from './fat-file-store.js';
import type { ClusterRun } from './fat-table.js';
import { FatVolume, namesOf, pathError } from './fat-volume.js';
import type { FatDirectory } from './fat-directory.js';
import { SerialQueue } from './serial-queue.js';

const MAX_FILE_BYTES = 0xffff_ffff;
const DEFAULT_READ_BYTES = 16 * 1024 * 1024;
const ROOT_INODE = 1;

export interface OpenFatOptions {
  /** The time given to what is written without one; default the time of writing. FAT keeps two-second steps. */
  readonly now?: () => Date;
}

/**
 * FAT12, FAT16 and FAT32 with long names.
 *
 * @remarks
 * FAT has no owners, permissions, symlinks or hard links: everything is root's, files 0644 and directories 0755;
 * attributes other than the time are accepted and have no effect, links are `IMAGE_OPERATION_UNSUPPORTED`. Names are
 * found without regard to case. Operations run one after the other.
 */
export class FatFileSystem implements FileSystem {
  readonly kind = 'fat';
  readonly label: string;
  readonly uuid: string | undefined;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly #volume: FatVolume;
  readonly #store: FatFileStore;
  readonly #now: () => Date;
  readonly #queue = new SerialQueue();
  /** Directories changed since the opening, by path. */
  readonly #touched = new Set<string>();
  #changed = false;

  private constructor(volume: FatVolume, label: string, now: () => Date) {
    const { variant, clusterBytes, clusterCount, fatCopies, sectorBytes, volumeId, dirty } = volume.geometry;
    this.#volume = volume;
    this.#store = new FatFileStore(volume);
    this.#now = now;
    this.label = label;
    this.uuid = volumeId === '' ? undefined : volumeId;
    this.facts = { variant, sectorBytes, clusterBytes, clusterCount, fatCopies, dirty };
  }

  /** Opens the filesystem on a disk. @throws ImageError `IMAGE_FILESYSTEM_CORRUPT`, `IMAGE_FILESYSTEM_UNSUPPORTED`. */
  static async open(disk: WritableDisk, options: OpenFatOptions = {}): Promise<FatFileSystem> {
    const volume = await FatVolume.open(disk);
    const label = (await volume.root()).volumeLabel() ?? volume.geometry.bootLabel;
    return new FatFileSystem(volume, label, options.now ?? (() => new Date()));
  }

  usage(): Promise<FileSystemUsage> {
    return this.#queue.run(async () => {
      const { clusterBytes, clusterCount } = this.#volume.geometry;
      return {
        blockSizeBytes: clusterBytes,
        totalBytes: clusterCount * clusterBytes,
        freeBytes: (await this.#volume.table.freeClusters()) * clusterBytes,
        totalInodes: undefined,
        freeInodes: undefined,
      };
    });
  }

  lstat(path: string): Promise<FileStat | undefined> {
    return this.#queue.run(async () => {
      const found = await this.#volume.find(path);
      if (found === undefined) return undefined;
      const { parent, entry } = found;
      const isDirectory = entry?.isDirectory ?? true;
      return {
        type: isDirectory ? 'directory' : 'file',
        mode: isDirectory ? 0o755 : 0o644,
        uid: 0,
        gid: 0,
        size: isDirectory ? 0 : (entry?.size ?? 0),
        mtime: entry?.modified ?? new Date(Date.UTC(1980, 0, 1)),
        links: 1,
        inode:
          parent === undefined || entry === undefined
            ? ROOT_INODE
            : parent.diskOffset((entry.firstSlot + entry.slotCount - 1) * 32) / 32,
      };
    });
  }

  readDirectory(path: string): Promise<DirectoryEntry[]> {
    return this.#queue.run(async () => {
      const directory = await this.#volume.directory(path);
      return directory
        .entries()
        .map(({ name, isDirectory }) => ({ name, type: isDirectory ? 'directory' : 'file' }));
    });
  }

  async readFile(
    path: string,
    { maxBytes = DEFAULT_READ_BYTES }: { maxBytes?: number } = {},
  ): Promise<Buffer> {
    const { size, runs } = await this.#open(path);
    if (size > maxBytes)
      throw pathError('IMAGE_TOO_LARGE', path, `has ${size} bytes; at most ${maxBytes} are read`);
    const chunks: Buffer[] = [];
    for await (const chunk of readContent(this.#volume.disk, this.#volume.geometry, runs, size))
      chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  readStream(path: string): Readable {
    const { disk, geometry } = this.#volume;
    const open = () => this.#open(path);
    return Readable.from(
      (async function* () {
        const { size, runs } = await open();
        yield* readContent(disk, geometry, runs, size);
      })(),
      { objectMode: false },
    );
  }

  async readLink(path: string): Promise<string> {
    await this.#queue.run(() => this.#volume.findEntry(path));
    throw pathError('IMAGE_OPERATION_UNSUPPORTED', path, 'is not a symlink: FAT has none');
  }

  writeFile(path: string, content: FileContent, attributes: FileAttributes = {}): Promise<void> {
    return this.#change(content, async () => {
      const size = this.#checkedSize(path, contentSize(content));
      const modified = attributes.mtime ?? this.#now();
      const { parent, name, entry } = await this.#target(path);
      if (entry?.isDirectory === true) throw pathError('IMAGE_IS_A_DIRECTORY', path, 'is a directory');
      if (entry === undefined) {
        const runs = await this.#store.store(path, content, size);
        await this.#store.orRelease(runs, () =>
          parent.add(name, {
            attributes: ARCHIVE_ATTRIBUTE,
            firstCluster: runs[0]?.first ?? 0,
            size,
            modified,
          }),
        );
      } else {
        const runs = await this.#store.replace(path, entry, content, size);
        this.#describe(parent, entry, runs, size, modified);
      }
      await this.#save(path, parent);
    });
  }

  appendFile(path: string, content: FileContent): Promise<void> {
    return this.#change(content, async () => {
      const { parent, entry } = await this.#target(path);
      if (entry === undefined) throw pathError('IMAGE_PATH_NOT_FOUND', path, 'does not exist');
      if (entry.isDirectory) throw pathError('IMAGE_IS_A_DIRECTORY', path, 'is a directory');
      const size = this.#checkedSize(path, entry.size + contentSize(content));
      const all = await this.#store.append(path, entry, content, size);
      this.#describe(parent, entry, all, size, this.#now());
      await this.#save(path, parent);
    });
  }

  makeDirectory(path: string, attributes: FileAttributes = {}): Promise<void> {
    return this.#change(undefined, async () => {
      const { parent, name, entry } = await this.#target(path);
      if (entry !== undefined) throw pathError('IMAGE_PATH_EXISTS', path, 'exists already');
      const runs = await this.#volume.table.allocate(1);
      await this.#store.orRelease(runs, async () => {
        const firstCluster = runs[0]?.first ?? 0;
        const modified = attributes.mtime ?? this.#now();
        const fields = { attributes: DIRECTORY_ATTRIBUTE, size: 0, modified };
        const above = namesOf(path).length === 1 ? 0 : parent.firstCluster;
        const dots = [
          encodeShortEntry({ ...fields, short: Buffer.from('.          '), firstCluster }),
          encodeShortEntry({ ...fields, short: Buffer.from('..         '), firstCluster: above }),
        ];
        await writeContent(this.#volume.disk, this.#volume.geometry, runs, 0, Buffer.concat(dots), path);
        await parent.add(name, { ...fields, firstCluster });
      });
      await this.#save(path, parent);
    });
  }

  makeSymlink(path: string): Promise<void> {
    return Promise.reject(
      pathError('IMAGE_OPERATION_UNSUPPORTED', path, 'cannot be a symlink: FAT has none'),
    );
  }

  makeHardLink(existing: string, path: string): Promise<void> {
    const what = `cannot be a hard link to ${existing}: FAT has none`;
    return Promise.reject(pathError('IMAGE_OPERATION_UNSUPPORTED', path, what));
  }

  setAttributes(path: string, attributes: FileAttributes): Promise<void> {
    return this.#change(undefined, async () => {
      const found = await this.#volume.find(path);
      if (found === undefined) throw pathError('IMAGE_PATH_NOT_FOUND', path, 'does not exist');
      const { parent, entry } = found;
      if (parent === undefined || entry === undefined || attributes.mtime === undefined) return;
      setModified(parent.slot(entry.firstSlot + entry.slotCount - 1), attributes.mtime);
      await this.#save(path, parent);
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.#change(undefined, async () => {
      const source = await this.#volume.findEntry(from);
      const { entry } = source;
      if (
        entry.isDirectory &&
        `${foldName(to)}/`.startsWith(`${foldName(from)}/`) &&
        foldName(from) !== foldName(to)
      )
        throw pathError('IMAGE_PATH_INVALID', to, `is inside ${from}, which cannot be moved into itself`);
      const target = await this.#target(to);
      const parent = target.parent.sameAs(source.parent) ? source.parent : target.parent;
      const isItself = parent === source.parent && target.entry?.firstSlot === entry.firstSlot;
      const replaced = isItself ? undefined : target.entry;
      const freed = replaced === undefined ? [] : await this.#assertReplaceable(entry, replaced, to);
      const moved =
        entry.isDirectory && parent !== source.parent
          ? await this.#volume.directoryOf(entry, from)
          : undefined;

      const old = source.parent.slot(entry.firstSlot + entry.slotCount - 1);
      const fields = {
        attributes: old[11] ?? 0,
        firstCluster: entry.firstCluster,
        size: entry.size,
        modified: entry.modified,
      };
      // Whatever fails up to `add` leaves the disk as it was: the changed directories are forgotten unsaved.
      moved?.setParent(namesOf(to).length === 1 ? 0 : parent.firstCluster);
      if (replaced !== undefined) parent.remove(replaced);
      source.parent.remove(entry);
      await parent.add(target.name, fields);
      await this.#save(to, parent);
      if (parent !== source.parent) await this.#save(from, source.parent);
      await moved?.save();
      await this.#volume.table.release(freed);
    });
  }

  remove(path: string): Promise<void> {
    return this.#change(undefined, async () => {
      const { parent, entry } = await this.#volume.findEntry(path);
      const runs = entry.isDirectory
        ? await this.#emptyDirectory(entry, path)
        : await this.#store.chainOf(entry);
      parent.remove(entry);
      await this.#save(path, parent);
      await this.#volume.table.release(runs);
    });
  }

  async readExtendedAttributes(path: string): Promise<ReadonlyMap<string, Buffer>> {
    if ((await this.lstat(path)) === undefined)
      throw pathError('IMAGE_PATH_NOT_FOUND', path, 'does not exist');
    return new Map();
  }

  flush(): Promise<void> {
    return this.#queue.run(async () => {
      if (this.#changed) await this.#volume.flush();
    });
  }

  selfCheck(): Promise<void> {
    return this.#queue.run(async () => {
      if (!this.#changed) return;
      await this.#volume.flush();
      await this.#volume.table.assertCopiesEqual();
      await checkFat(await FatVolume.open(this.#volume.disk), this.#touched);
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.flush();
  }

  /** Runs a change in its turn; a stream that it did not get to is closed. */
  #change(content: FileContent | undefined, work: () => Promise<void>): Promise<void> {
    return this.#queue.run(async () => {
      try {
        await work();
      } catch (error) {
        if (content !== undefined && !(content instanceof Uint8Array)) content.stream.destroy();
        throw error;
      }
    });
  }

  #open(path: string): Promise<{ size: number; runs: ClusterRun[] }> {
    return this.#queue.run(async () => {
      const { entry } = await this.#volume.findEntry(path);
      if (entry.isDirectory) throw pathError('IMAGE_IS_A_DIRECTORY', path, 'is a directory');
      return { size: entry.size, runs: await this.#store.chainOf(entry) };
    });
  }

  /** Where something is to be made or changed. @throws ImageError for a name that FAT cannot hold. */
  async #target(path: string): Promise<{ parent: FatDirectory; name: string; entry: FatEntry | undefined }> {
    const names = namesOf(path);
    const name = names.pop();
    if (name === undefined) throw pathError('IMAGE_PATH_EXISTS', path, 'is the root directory');
    assertFatName(name, path);
    const parent = await this.#volume.directory(names.join('/'));
    return { parent, name, entry: parent.find(name) };
  }

  #checkedSize(path: string, size: number): number {
    if (size > MAX_FILE_BYTES)
      throw pathError('IMAGE_TOO_LARGE', path, `would have ${size} bytes; FAT holds 4 GiB - 1`);
    return size;
  }

  #describe(
    parent: FatDirectory,
    entry: FatEntry,
    runs: readonly ClusterRun[],
    size: number,
    modified: Date,
  ): void {
    const slot = parent.slot(entry.firstSlot + entry.slotCount - 1);
    setContent(slot, runs[0]?.first ?? 0, size);
    setModified(slot, modified);
    slot[11] = (slot[11] ?? 0) | ARCHIVE_ATTRIBUTE;
  }

  async #assertReplaceable(entry: FatEntry, replaced: FatEntry, to: string): Promise<readonly ClusterRun[]> {
    if (entry.isDirectory && !replaced.isDirectory)
      throw pathError('IMAGE_NOT_A_DIRECTORY', to, 'exists and is not a directory');
    if (!entry.isDirectory && replaced.isDirectory)
      throw pathError('IMAGE_IS_A_DIRECTORY', to, 'is a directory');
    return replaced.isDirectory ? this.#emptyDirectory(replaced, to) : this.#store.chainOf(replaced);
  }

  async #emptyDirectory(entry: FatEntry, path: string): Promise<readonly ClusterRun[]> {
    const directory = await this.#volume.directoryOf(entry, path);
    if (directory.entries().length > 0)
      throw pathError('IMAGE_DIRECTORY_NOT_EMPTY', path, 'is a directory and not empty');
    return directory.runs;
  }

  async #save(path: string, directory: FatDirectory): Promise<void> {
    this.#changed = true;
    this.#touched.add(`/${namesOf(path).slice(0, -1).join('/')}`);
    await directory.save();
  }
}

/** Opens a FAT filesystem. @throws ImageError `IMAGE_FILESYSTEM_CORRUPT`, `IMAGE_FILESYSTEM_UNSUPPORTED`. */
export function openFat(disk: WritableDisk, options: OpenFatOptions = {}): Promise<FatFileSystem> {
  return FatFileSystem.open(disk, options);
}
