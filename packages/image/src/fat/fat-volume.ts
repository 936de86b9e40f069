import type { WritableDisk } from '../disk/disk.js';
import { ImageError } from '../image-error.js';
import { FatDirectory } from './fat-directory.js';
import type { FatEntry } from './fat-entry.js';
import { parseFatGeometry } from './fat-geometry.js';
import { FatTable } from './fat-table.js';

const INFO_SIGNATURES = [0x4161_5252, 0x6141_7272] as const;

/** Something found by its path. */
export interface Found {
  /** The directory it is in; undefined for the root. */
  readonly parent: FatDirectory | undefined;
  /** Undefined for the root. */
  readonly entry: FatEntry | undefined;
}

/** A directory, and the first clusters of all directories on the way there, its own with them. */
interface Way {
  readonly directory: FatDirectory;
  readonly clusters: ReadonlySet<number>;
}

/** The structures of one FAT filesystem: table, directories, free count. */
export class FatVolume {
  private constructor(
    readonly disk: WritableDisk,
    readonly table: FatTable,
  ) {}

  /** @throws ImageError `IMAGE_FILESYSTEM_CORRUPT`, `IMAGE_FILESYSTEM_UNSUPPORTED`. */
  static async open(disk: WritableDisk): Promise<FatVolume> {
    const geometry = parseFatGeometry(await disk.read(0, Math.min(512, disk.sizeBytes)), disk.sizeBytes);
    const info = geometry.infoOffset === undefined ? undefined : await disk.read(geometry.infoOffset, 512);
    const hint = info !== undefined && isInfoSector(info) ? info.readUInt32LE(492) : undefined;
    return new FatVolume(disk, new FatTable(disk, geometry, hint));
  }

  get geometry() {
    return this.table.geometry;
  }

  root(): Promise<FatDirectory> {
    return FatDirectory.root(this.disk, this.table);
  }

  /** The directory of an entry. @throws ImageError `IMAGE_NOT_A_DIRECTORY`. */
  directoryOf(entry: FatEntry, path: string): Promise<FatDirectory> {
    if (!entry.isDirectory) throw pathError('IMAGE_NOT_A_DIRECTORY', path, 'is not a directory');
    return FatDirectory.at(this.disk, this.table, entry.firstCluster);
  }

  /** The directory at a path. @throws ImageError `IMAGE_PATH_NOT_FOUND`, `IMAGE_NOT_A_DIRECTORY`. */
  async directory(path: string): Promise<FatDirectory> {
    const way = await this.#walk(namesOf(path), path);
    if (way === undefined) throw pathError('IMAGE_PATH_NOT_FOUND', path, 'does not exist');
    return way.directory;
  }

  /** Whether a path leads through the directory that begins at a cluster. */
  async leadsThrough(path: string, firstCluster: number): Promise<boolean> {
    return (await this.#walk(namesOf(path).slice(0, -1), path))?.clusters.has(firstCluster) ?? false;
  }

  /** What is at a path; undefined when nothing is. */
  async find(path: string): Promise<Found | undefined> {
    const names = namesOf(path);
    const last = names.pop();
    if (last === undefined) return { parent: undefined, entry: undefined };
    const parent = (await this.#walk(names, path))?.directory;
    const entry = parent?.find(last);
    return entry === undefined ? undefined : { parent, entry };
  }

  /** The same for a path that must exist and is not the root. @throws ImageError `IMAGE_PATH_NOT_FOUND`. */
  async findEntry(path: string): Promise<{ parent: FatDirectory; entry: FatEntry }> {
    const found = await this.find(path);
    if (found === undefined) throw pathError('IMAGE_PATH_NOT_FOUND', path, 'does not exist');
    const { parent, entry } = found;
    if (parent === undefined || entry === undefined)
      throw pathError('IMAGE_IS_A_DIRECTORY', path, 'is the root directory');
    return { parent, entry };
  }

  /**
   * Follows names from the root; undefined when one is not there.
   * @throws ImageError `IMAGE_FILESYSTEM_CORRUPT` for a directory that contains itself: below it, names have no end.
   */
  async #walk(names: readonly string[], path: string): Promise<Way | undefined> {
    let directory = await this.root();
    const clusters = new Set([directory.firstCluster]);
    for (const name of names) {
      const entry = directory.find(name);
      if (entry === undefined) return undefined;
      directory = await this.directoryOf(entry, path);
      if (clusters.has(directory.firstCluster))
        throw new ImageError(
          'IMAGE_FILESYSTEM_CORRUPT',
          `The FAT filesystem is damaged: a directory in ${JSON.stringify(path)} contains itself.`,
        );
      clusters.add(directory.firstCluster);
    }
    return { directory, clusters };
  }

  /** Writes the table and the free count that FAT32 keeps beside it. */
  async flush(): Promise<void> {
    await this.table.flush();
    const { infoOffset } = this.geometry;
    if (infoOffset === undefined) return;
    const info = await this.disk.read(infoOffset, 512);
    if (!isInfoSector(info)) return;
    info.writeUInt32LE(await this.table.freeClusters(), 488);
    info.writeUInt32LE(this.table.searchHint, 492);
    await this.disk.write(infoOffset, info);
  }

  /** The free count that is stated on the disk; undefined where there is none. */
  async statedFreeClusters(): Promise<number | undefined> {
    const { infoOffset } = this.geometry;
    if (infoOffset === undefined) return undefined;
    const info = await this.disk.read(infoOffset, 512);
    return isInfoSector(info) ? info.readUInt32LE(488) : undefined;
  }
}

/** The components of a normalised absolute path. */
export function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '');
}

/** An error about a path inside the filesystem. */
export function pathError(
  code:
    | 'IMAGE_PATH_NOT_FOUND'
    | 'IMAGE_NOT_A_DIRECTORY'
    | 'IMAGE_IS_A_DIRECTORY'
    | 'IMAGE_PATH_EXISTS'
    | 'IMAGE_PATH_INVALID'
    | 'IMAGE_DIRECTORY_NOT_EMPTY'
    | 'IMAGE_OPERATION_UNSUPPORTED'
    | 'IMAGE_TOO_LARGE',
  path: string,
  what: string,
): ImageError {
  return new ImageError(code, `${path} ${what}.`, { details: { path } });
}

function isInfoSector(sector: Buffer): boolean {
  return sector.readUInt32LE(0) === INFO_SIGNATURES[0] && sector.readUInt32LE(484) === INFO_SIGNATURES[1];
}
