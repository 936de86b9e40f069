import { dirname, resolve } from 'node:path';
import { CleanupStack, type ImageStream } from '@turingpi/foundation';
import { openImageDisk } from '../compression/open-image-disk.js';
import type { ImageSource } from '../compression/image-source.js';
import type {
  ImageBackendId,
  ImageSession,
  OpenImageOptions,
  PartitionSelector,
  SavedImage,
  SaveImageOptions,
} from '../engine/image-engine.js';
import { inFile } from '../engine/in-file.js';
import { type OpenPartition, PartitionFiles } from '../engine/partition-files.js';
import type { ImageFiles } from '../filesystem/image-files.js';
import { openFileSystem } from '../filesystem/open-file-system.js';
import { removeLeftovers } from '../leftovers/remove-leftovers.js';
import { streamImage } from '../output/stream-image.js';
import { writeImage } from '../output/write-image.js';
import type { Partition, PartitionTable } from '../partition/partition-table.js';
import { readPartitionTable } from '../partition/read-partition-table.js';
import { MountedFileSystem } from './mounted-file-system.js';
import type { PartitionMount } from './partition-mount.js';
import { WorkingCopy } from './working-copy.js';

/** What can mount the partitions of a working copy. */
export interface PartitionMounter extends AsyncDisposable {
  /** @param now - The time given to what is written without one. */
  mount(partition: Partition, now: () => Date): PartitionMount;
}

/** How a backend that mounts partitions opens an image. */
export interface WorkingCopyBackend {
  readonly id: ImageBackendId;
  readonly reason: string;
  /** Gets ready to mount partitions of a working copy. */
  readonly mounter: (copy: WorkingCopy, signal: AbortSignal) => Promise<PartitionMounter>;
}

/**
 * An image edited as a raw working copy whose ext4 partitions are mounted by a kernel.
 *
 * @remarks FAT partitions are edited by our own driver on the working copy, because not every kernel has vfat.
 */
export class WorkingCopySession implements ImageSession {
  private constructor(
    readonly backend: ImageBackendId,
    readonly backendReason: string,
    readonly partitionTable: PartitionTable,
    private readonly source: ImageSource,
    private readonly copy: WorkingCopy,
    private readonly partitions: PartitionFiles,
    private readonly cleanup: CleanupStack,
  ) {}

  static async open(
    path: string,
    options: OpenImageOptions,
    { id, reason, mounter: mounterFor }: WorkingCopyBackend,
  ): Promise<WorkingCopySession> {
    await using cleanup = new CleanupStack();
    const { signal, cacheDir, progress } = options;
    const source = cleanup.use(
      `close ${path}`,
      await openImageDisk(path, { cacheDir, signal, ...(progress === undefined ? {} : { progress }) }),
    );
    const table = await readPartitionTable(source.disk).catch((error: unknown) => {
      throw inFile(error, path);
    });
    const copy = cleanup.use('remove the working copy', await WorkingCopy.create(source, options));
    const mounter = cleanup.use('let go of the mounts', await mounterFor(copy, signal));
    const open: OpenPartition = async ({ partition, identity }, disk, now) => {
      if (identity.kind !== 'ext4') return openFileSystem(disk, { now });
      const mount = cleanupOf.use(`unmount partition ${partition.number}`, mounter.mount(partition, now));
      await mount.files(); // at once, so that what stands in the way is told here
      return new MountedFileSystem({ mount, identity, disk, signal });
    };
    const partitions = await PartitionFiles.of(copy.disk, table, {
      open,
      root: options.root,
      explain: (error, partition) => Promise.resolve(inFile(error, path, partition)),
    });
    const cleanupOf = cleanup.move();
    return new WorkingCopySession(id, reason, table, source, copy, partitions, cleanupOf);
  }

  get rawSizeBytes(): number {
    return this.copy.disk.sizeBytes;
  }

  async files(selector: PartitionSelector = 'root'): Promise<ImageFiles> {
    try {
      return await this.partitions.files(selector);
    } catch (error) {
      throw inFile(await this.source.explain(error), this.source.path);
    }
  }

  async save(path: string, options: SaveImageOptions): Promise<SavedImage> {
    await removeLeftovers({ directories: [dirname(resolve(path))] });
    await this.#settle(options.signal);
    try {
      await using changes = await this.copy.changes(options.signal);
      return await writeImage(this.source, changes, path, options);
    } catch (error) {
      throw await this.source.explain(error);
    }
  }

  async stream(format: 'xz' | 'raw', signal: AbortSignal): Promise<ImageStream> {
    await this.#settle(signal);
    await using cleanup = new CleanupStack();
    const changes = cleanup.use('forget the changes', await this.copy.changes(signal));
    const opened = await streamImage(this.source, changes, format, signal);
    const closing = cleanup.move();
    opened.stream.once('close', () => {
      void closing[Symbol.asyncDispose]().catch(() => undefined); // memory and a scratch file
    });
    return opened;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.cleanup[Symbol.asyncDispose]();
  }

  /** Unmounts everything that was opened and checks it. */
  async #settle(signal: AbortSignal): Promise<void> {
    for (const fileSystem of await this.partitions.opened()) {
      signal.throwIfAborted();
      await fileSystem.flush();
      await fileSystem.selfCheck();
    }
  }
}
