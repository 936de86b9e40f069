import {
  type WritableDisk,
  PartitionDisk,
  openExt4,
  ImageError,
  type Partition,
  type MountedFiles,
  type PartitionMount,
} from '@turingpi/image/backend';

import { ContainerFiles } from './container-files.js';
import type { ContainerJob } from './container-job.js';

/** An ext4 partition of a working copy, mounted in a container through a loop device. */
export class ContainerMount implements PartitionMount {
  readonly #mountPoint: string;
  readonly #disk: WritableDisk;
  #files: ContainerFiles | undefined;

  constructor(
    private readonly job: ContainerJob,
    private readonly partition: Partition,
    disk: WritableDisk,
    private readonly now: () => Date,
  ) {
    this.#mountPoint = mountPointOf(partition.number);
    this.#disk = new PartitionDisk(disk, partition.offsetBytes, partition.sizeBytes);
  }

  async files(): Promise<MountedFiles> {
    if (this.#files !== undefined) return this.#files;
    const { number, offsetBytes, sizeBytes } = this.partition;
    await assertInsidePartition(this.#disk, number);
    const place = [this.#mountPoint, String(offsetBytes), String(sizeBytes)];
    const { isDone, output } = await this.job.call('mount', ...place);
    const text = output.toString();
    if (!isDone)
      throw new ImageError(
        text.startsWith('EUCLEAN') ? 'IMAGE_FILESYSTEM_CORRUPT' : 'IMAGE_FILESYSTEM_UNSUPPORTED',
        `Docker's kernel cannot mount partition ${number}: ${text.trim()}`,
        {
          hint: 'Its filesystem is damaged, or a kind that this kernel does not know: use another base image.',
          details: { partition: number },
        },
      );
    return (this.#files = new ContainerFiles(this.job, this.#mountPoint, this.now));
  }

  async unmount(): Promise<void> {
    if (this.#files === undefined) return;
    const { isDone, output } = await this.job.call('unmount', this.#mountPoint);
    if (!isDone)
      throw new ImageError(
        'IMAGE_WRITE_FAILED',
        `Partition ${this.partition.number} cannot be unmounted in the container: ${output.toString().trim()}`,
      );
    this.#files = undefined;
  }

  async check(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { number, offsetBytes, sizeBytes } = this.partition;
    const { isDone, output } = await this.job.call('check', String(offsetBytes), String(sizeBytes));
    if (isDone) return;
    const text = output.toString().trim();
    if (text === 'ENOTOOL') await this.#checkByOurselves();
    else
      throw new ImageError('IMAGE_SELF_CHECK_FAILED', `e2fsck finds partition ${number} damaged: ${text}`, {
        details: { partition: number },
      });
  }

  /** The mount goes with the container. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#files = undefined;
    return Promise.resolve();
  }

  /** An image without e2fsck: at least, it must be cleanly unmounted and its descriptors and root readable. */
  async #checkByOurselves(): Promise<void> {
    try {
      await using fileSystem = await openExt4(this.#disk, { readOnly: true });
      await fileSystem.list('/');
    } catch (error) {
      if (!(error instanceof ImageError) || error.code === 'IMAGE_FILESYSTEM_UNSUPPORTED') return;
      throw new ImageError('IMAGE_SELF_CHECK_FAILED', error.message, { cause: error });
    }
  }
}

/** Where a partition is mounted in the container. */
export function mountPointOf(partition: number): string {
  return `/work/mnt${partition}`;
}

/** Busybox' losetup has no size limit: a filesystem that claims more than its partition would reach into the next one. */
async function assertInsidePartition(disk: WritableDisk, number: number): Promise<void> {
  const superblock = await disk.read(1024, 1024);
  const blocks = superblock.readUInt32LE(4) + superblock.readUInt32LE(0x150) * 2 ** 32;
  if (blocks * 2 ** (10 + (superblock.readUInt32LE(24) & 31)) <= disk.sizeBytes) return;
  throw new ImageError(
    'IMAGE_FILESYSTEM_CORRUPT',
    `The filesystem of partition ${number} claims to be larger than the partition.`,
  );
}
