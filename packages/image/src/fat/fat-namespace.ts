import type { FileAttributes } from '../filesystem/file-system.js';
import type { ClusterRun } from './cluster-run.js';
import { writeContent } from './fat-content.js';
import type { FatDirectory } from './fat-directory.js';
import { DIRECTORY_ATTRIBUTE, encodeShortEntry, type FatEntry, setModified } from './fat-entry.js';
import type { FatFileStore } from './fat-file-store.js';
import { assertFatName } from './fat-name.js';
import { type FatVolume, namesOf, pathError } from './fat-volume.js';

/** Where something is to be made or changed. */
export interface FatTarget {
  readonly parent: FatDirectory;
  readonly name: string;
  /** What has the name; undefined when nothing has. */
  readonly entry: FatEntry | undefined;
}

/** Names and directories of a FAT filesystem: making, renaming, removing. */
export class FatNamespace {
  /** Directories changed since the opening, by path. */
  readonly touched = new Set<string>();

  constructor(
    private readonly volume: FatVolume,
    private readonly store: FatFileStore,
    private readonly now: () => Date,
  ) {}

  /** Where something is to be made or changed. @throws ImageError for a name that FAT cannot hold. */
  async target(path: string): Promise<FatTarget> {
    const names = namesOf(path);
    const name = names.pop();
    if (name === undefined) throw pathError('IMAGE_PATH_EXISTS', path, 'is the root directory');
    assertFatName(name, path);
    const parent = await this.volume.directory(names.join('/'));
    return { parent, name, entry: parent.find(name) };
  }

  async mkdir(path: string, attributes: FileAttributes = {}): Promise<void> {
    const { parent, name, entry } = await this.target(path);
    if (entry !== undefined) throw pathError('IMAGE_PATH_EXISTS', path, 'exists already');
    const runs = await this.volume.table.allocate(1);
    await this.store.orRelease(runs, async () => {
      const firstCluster = runs[0]?.first ?? 0;
      const modified = attributes.mtime ?? this.now();
      const fields = { attributes: DIRECTORY_ATTRIBUTE, size: 0, modified };
      const above = namesOf(path).length === 1 ? 0 : parent.firstCluster;
      const dots = [
        encodeShortEntry({ ...fields, short: Buffer.from('.          '), firstCluster }),
        encodeShortEntry({ ...fields, short: Buffer.from('..         '), firstCluster: above }),
      ];
      await writeContent(this.volume.disk, this.volume.geometry, runs, 0, Buffer.concat(dots), path);
      await parent.add(name, { ...fields, firstCluster });
    });
    await this.save(path, parent);
  }

  async setAttributes(path: string, attributes: FileAttributes): Promise<void> {
    const found = await this.volume.find(path);
    if (found === undefined) throw pathError('IMAGE_PATH_NOT_FOUND', path, 'does not exist');
    const { parent, entry } = found;
    if (parent === undefined || entry === undefined || attributes.mtime === undefined) return;
    setModified(parent.slot(entry.firstSlot + entry.slotCount - 1), attributes.mtime);
    await this.save(path, parent);
  }

  async rename(from: string, to: string): Promise<void> {
    const source = await this.volume.findEntry(from);
    const { entry } = source;
    if (entry.isDirectory && (await this.volume.leadsThrough(to, entry.firstCluster)))
      throw pathError('IMAGE_PATH_INVALID', to, `is inside ${from}, which cannot be moved into itself`);
    const target = await this.target(to);
    const parent = target.parent.sameAs(source.parent) ? source.parent : target.parent;
    const isItself = parent === source.parent && target.entry?.firstSlot === entry.firstSlot;
    const replaced = isItself ? undefined : target.entry;
    const freed = replaced === undefined ? [] : await this.#assertReplaceable(entry, replaced, to);
    const moved =
      entry.isDirectory && parent !== source.parent ? await this.volume.directoryOf(entry, from) : undefined;

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
    await this.save(to, parent);
    if (parent !== source.parent) await this.save(from, source.parent);
    await moved?.save();
    await this.volume.table.release(freed);
  }

  async remove(path: string): Promise<void> {
    const { parent, entry } = await this.volume.findEntry(path);
    const runs = entry.isDirectory
      ? await this.#emptyDirectory(entry, path)
      : await this.store.chainOf(entry);
    parent.remove(entry);
    await this.save(path, parent);
    await this.volume.table.release(runs);
  }

  /** Writes a changed directory; `path` is that of something in it. */
  async save(path: string, directory: FatDirectory): Promise<void> {
    this.touched.add(`/${namesOf(path).slice(0, -1).join('/')}`);
    await directory.save();
  }

  async #assertReplaceable(entry: FatEntry, replaced: FatEntry, to: string): Promise<readonly ClusterRun[]> {
    if (entry.isDirectory && !replaced.isDirectory)
      throw pathError('IMAGE_NOT_A_DIRECTORY', to, 'exists and is not a directory');
    if (!entry.isDirectory && replaced.isDirectory)
      throw pathError('IMAGE_IS_A_DIRECTORY', to, 'is a directory');
    return replaced.isDirectory ? this.#emptyDirectory(replaced, to) : this.store.chainOf(replaced);
  }

  async #emptyDirectory(entry: FatEntry, path: string): Promise<readonly ClusterRun[]> {
    const directory = await this.volume.directoryOf(entry, path);
    if (directory.entries().length > 0)
      throw pathError('IMAGE_DIRECTORY_NOT_EMPTY', path, 'is a directory and not empty');
    return directory.runs;
  }
}
