import { Readable } from 'node:stream';
import { Mutex } from '@turingpi/foundation';
import type { WritableDisk } from '../disk/disk.js';
import type {
  DirectoryEntry,
  FileAttributes,
  FileContent,
  FileStat,
  FileSystem,
  FileSystemUsage,
} from '../filesystem/file-system.js';
import { ImageError } from '../image-error.js';
import type { ClusterRun } from './cluster-run.js';
import { checkFat } from './fat-check.js';
import { readContent } from './fat-content.js';
import { FatFileStore } from './fat-file-store.js';
import { FatFileWriter } from './fat-file-writer.js';
import { FatNamespace } from './fat-namespace.js';
import { FatVolume, pathError } from './fat-volume.js';

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
  readonly #queue = new Mutex();
  readonly #namespace: FatNamespace;
  readonly #writer: FatFileWriter;
  /** The first damage that an edit met: such a filesystem is not to be saved. */
  #damage: ImageError | undefined;

  private constructor(volume: FatVolume, label: string, now: () => Date) {
    const { variant, clusterBytes, clusterCount, fatCopies, sectorBytes, volumeId, dirty } = volume.geometry;
    this.#volume = volume;
    this.#store = new FatFileStore(volume);
    this.#namespace = new FatNamespace(volume, this.#store, now);
    this.#writer = new FatFileWriter(this.#namespace, this.#store, now);
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

  list(path: string): Promise<DirectoryEntry[]> {
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
    return this.#change(content, () => this.#writer.write(path, content, attributes));
  }

  appendFile(path: string, content: FileContent): Promise<void> {
    return this.#change(content, () => this.#writer.append(path, content));
  }

  mkdir(path: string, attributes: FileAttributes = {}): Promise<void> {
    return this.#change(undefined, () => this.#namespace.mkdir(path, attributes));
  }

  symlink(_target: string, path: string): Promise<void> {
    return Promise.reject(
      pathError('IMAGE_OPERATION_UNSUPPORTED', path, 'cannot be a symlink: FAT has none'),
    );
  }

  link(existing: string, path: string): Promise<void> {
    const what = `cannot be a hard link to ${existing}: FAT has none`;
    return Promise.reject(pathError('IMAGE_OPERATION_UNSUPPORTED', path, what));
  }

  setAttributes(path: string, attributes: FileAttributes): Promise<void> {
    return this.#change(undefined, () => this.#namespace.setAttributes(path, attributes));
  }

  rename(from: string, to: string): Promise<void> {
    return this.#change(undefined, () => this.#namespace.rename(from, to));
  }

  remove(path: string): Promise<void> {
    return this.#change(undefined, () => this.#namespace.remove(path));
  }

  async readExtendedAttributes(path: string): Promise<ReadonlyMap<string, Buffer>> {
    if ((await this.lstat(path)) === undefined)
      throw pathError('IMAGE_PATH_NOT_FOUND', path, 'does not exist');
    return new Map();
  }

  flush(): Promise<void> {
    return this.#queue.run(async () => {
      if (this.#namespace.touched.size > 0) await this.#volume.flush();
    });
  }

  selfCheck(): Promise<void> {
    return this.#queue.run(async () => {
      if (this.#damage)
        throw new ImageError(
          'IMAGE_SELF_CHECK_FAILED',
          `Not all edits could be made: ${this.#damage.message}`,
          {
            hint: 'The base image is damaged. Download it again, or repair it with fsck.vfat.',
            cause: this.#damage,
          },
        );
      if (this.#namespace.touched.size === 0) return;
      await this.#volume.flush();
      await this.#volume.table.assertCopiesEqual();
      await checkFat(await FatVolume.open(this.#volume.disk), this.#namespace.touched);
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
        if (isDamage(error)) this.#damage ??= error;
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
}

/** Whether an error says that the image is not what it should be: also a place outside of the disk. */
function isDamage(error: unknown): error is ImageError {
  return (
    error instanceof ImageError &&
    (error.code === 'IMAGE_FILESYSTEM_CORRUPT' || error.code === 'IMAGE_CORRUPT')
  );
}

/** Opens a FAT filesystem. @throws ImageError `IMAGE_FILESYSTEM_CORRUPT`, `IMAGE_FILESYSTEM_UNSUPPORTED`. */
export function openFat(disk: WritableDisk, options: OpenFatOptions = {}): Promise<FatFileSystem> {
  return FatFileSystem.open(disk, options);
}
