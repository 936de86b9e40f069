import type { WritableDisk } from '../disk/disk.js';
import { PartitionDisk } from '../disk/partition-disk.js';
import type { FileSystem } from '../filesystem/file-system.js';
import { identifyFileSystem } from '../filesystem/identify-file-system.js';
import type { ImageFiles } from '../filesystem/image-files.js';
import { LinkedImageFiles } from '../filesystem/linked-image-files.js';
import { openFileSystem } from '../filesystem/open-file-system.js';
import { findRoot } from '../partition/find-root.js';
import type { PartitionTable } from '../partition/partition-table.js';
import { type IdentifiedPartition, selectPartition } from '../partition/select-partition.js';
import { explainedFileSystem } from './explained-file-system.js';
import type { PartitionSelector } from './image-engine.js';

/** Stands for times that the image does not tell. */
const DEFAULT_TIME = new Date('2024-01-01T00:00:00Z');

/** Opens the filesystem of one partition. @param now - The time given to what is written without one. */
export type OpenPartition = (
  candidate: IdentifiedPartition,
  disk: WritableDisk,
  now: () => Date,
) => Promise<FileSystem>;

export interface PartitionFilesOptions {
  /** Default: by our own drivers. */
  readonly open?: OpenPartition;
  /** Is the root when it has an os-release file. Default: the only one that has. */
  readonly root?: PartitionSelector | undefined;
  /** What an error of a partition's filesystem is to whoever edits. Default: what was thrown. */
  readonly explain?: (error: unknown, partition: number) => Promise<unknown>;
}

/** The filesystems of one image, each opened once, when first asked for. */
export class PartitionFiles {
  readonly #open = new Map<number, Promise<LinkedImageFiles>>();
  #root: Promise<IdentifiedPartition> | undefined;

  private constructor(
    private readonly disk: WritableDisk,
    private readonly candidates: readonly IdentifiedPartition[],
    private readonly open: OpenPartition,
    private readonly preferredRoot: PartitionSelector | undefined,
    private readonly explain: PartitionFilesOptions['explain'],
  ) {}

  /** Looks at what is on each partition. */
  static async of(
    disk: WritableDisk,
    table: PartitionTable,
    {
      root,
      open = (_candidate, range, now) => openFileSystem(range, { now }),
      explain,
    }: PartitionFilesOptions = {},
  ): Promise<PartitionFiles> {
    const candidates: IdentifiedPartition[] = [];
    for (const partition of table.partitions) {
      const range = new PartitionDisk(disk, partition.offsetBytes, partition.sizeBytes);
      candidates.push({ partition, identity: await identifyFileSystem(range) });
    }
    return new PartitionFiles(disk, candidates, open, root, explain);
  }

  /** The files of a partition. @throws ImageError `IMAGE_NO_PARTITION`, `IMAGE_NO_ROOT`, `IMAGE_AMBIGUOUS_ROOT`. */
  async files(selector: PartitionSelector): Promise<ImageFiles> {
    if (selector !== 'root') return this.#filesOf(selectPartition(this.candidates, selector));
    const preferred =
      this.preferredRoot === undefined || this.preferredRoot === 'root'
        ? undefined
        : selectPartition(this.candidates, this.preferredRoot);
    this.#root ??= findRoot(this.candidates, (candidate) => this.#filesOf(candidate), preferred);
    return this.#filesOf(await this.#root);
  }

  /** Every filesystem that was opened. */
  async opened(): Promise<FileSystem[]> {
    const settled = await Promise.allSettled(this.#open.values());
    return settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value.fileSystem] : []));
  }

  #filesOf(candidate: IdentifiedPartition): Promise<LinkedImageFiles> {
    const { partition } = candidate;
    const known = this.#open.get(partition.number);
    if (known !== undefined) return known;
    const range = new PartitionDisk(this.disk, partition.offsetBytes, partition.sizeBytes);
    const { explain } = this;
    const opening = this.open(candidate, range, () => this.#time()).then(
      (fileSystem) =>
        new LinkedImageFiles(
          explain === undefined
            ? fileSystem
            : explainedFileSystem(fileSystem, (error) => explain(error, partition.number)),
        ),
    );
    this.#open.set(partition.number, opening);
    return opening;
  }

  /**
   * The time of everything that is written without one: when the image's filesystems were last written. Not the time
   * of the edit, so that equal edits of equal images give equal bytes.
   */
  #time(): Date {
    const times = this.candidates.flatMap(({ identity: { writtenAt } }) => writtenAt ?? []);
    return times.reduce((latest, time) => (time > latest ? time : latest), times[0] ?? DEFAULT_TIME);
  }
}
