import { dirname, resolve } from 'node:path';
import { CleanupStack, type ImageStream } from '@turingpi/foundation';
import type { ImageSource } from '../compression/image-source.js';
import { openImageDisk } from '../compression/open-image-disk.js';
import { OverlayDisk } from '../disk/overlay-disk.js';
import type { ImageFiles } from '../filesystem/image-files.js';
import { removeLeftovers } from '../leftovers/remove-leftovers.js';
import { streamImage } from '../output/stream-image.js';
import { writeImage } from '../output/write-image.js';
import type { PartitionTable } from '../partition/partition-table.js';
import { readPartitionTable } from '../partition/read-partition-table.js';
import type {
  ImageSession,
  OpenImageOptions,
  PartitionSelector,
  SavedImage,
  SaveImageOptions,
} from './image-engine.js';
import { inFile } from './in-file.js';
import { PartitionFiles } from './partition-files.js';

/** An image edited by our own drivers: its file stays as it is, edits lie over it until they are saved. */
export class UserspaceImageSession implements ImageSession {
  readonly backend = 'userspace';

  private constructor(
    readonly backendReason: string,
    readonly partitionTable: PartitionTable,
    private readonly source: ImageSource,
    private readonly overlay: OverlayDisk,
    private readonly partitions: PartitionFiles,
    private readonly cleanup: CleanupStack,
  ) {}

  /** @throws ImageError of the file, its compression, or its partition table, naming the file. */
  static async open(path: string, options: OpenImageOptions, reason: string): Promise<UserspaceImageSession> {
    await using cleanup = new CleanupStack();
    const { signal, cacheDir, progress } = options;
    const source = cleanup.use(
      `close ${path}`,
      await openImageDisk(path, { cacheDir, signal, ...(progress === undefined ? {} : { progress }) }),
    );
    const overlay = cleanup.use('forget the edits', new OverlayDisk(source.disk, { cacheDir }));
    try {
      const table = await readPartitionTable(overlay);
      const partitions = await PartitionFiles.of(overlay, table, {
        root: options.root,
        explain: async (error, partition) => inFile(await source.explain(error), path, partition),
      });
      return new UserspaceImageSession(reason, table, source, overlay, partitions, cleanup.move());
    } catch (error) {
      throw inFile(error, path);
    }
  }

  get rawSizeBytes(): number {
    return this.overlay.sizeBytes;
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
    try {
      await this.#settle(options.signal);
      return await writeImage(this.source, this.overlay, path, options);
    } catch (error) {
      throw inFile(await this.source.explain(error), this.source.path);
    }
  }

  async stream(format: 'xz' | 'raw', signal: AbortSignal): Promise<ImageStream> {
    await this.#settle(signal);
    return streamImage(this.source, this.overlay, format, signal);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.cleanup[Symbol.asyncDispose]();
  }

  /** Brings every edit down to the overlay and checks what was touched. */
  async #settle(signal: AbortSignal): Promise<void> {
    for (const fileSystem of await this.partitions.opened()) {
      signal.throwIfAborted();
      await fileSystem.flush();
      await fileSystem.selfCheck();
    }
  }
}
