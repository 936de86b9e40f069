import { type ImageFiles, openRawDisk, PartitionFiles, readPartitionTable } from '@turingpi/image';
import { CleanupStack } from '@turingpi/foundation';
import type { SeedPartition } from '../first-boot/cloud-config.js';
import { HeldWritesDisk } from './held-writes-disk.js';

/** The eMMC of a node whose system runs: its filesystems, with writes held until they are committed. */
export class FlashedDisk implements AsyncDisposable {
  private constructor(
    readonly root: ImageFiles,
    /** The FAT filesystems: boot files and seeds. */
    readonly bootPartitions: readonly SeedPartition[],
    private readonly files: PartitionFiles,
    private readonly held: HeldWritesDisk,
    private readonly cleanup: CleanupStack,
  ) {}

  /** Finds the root filesystem by its content. @throws ImageError when there is no system to boot. */
  static async open(emmcPath: string): Promise<FlashedDisk> {
    await using cleanup = new CleanupStack();
    const disk = cleanup.use('eMMC file', await openRawDisk(emmcPath, { writable: true }));
    const held = new HeldWritesDisk(disk);
    const table = await readPartitionTable(held);
    const files = await PartitionFiles.of(held, table);
    const root = await files.files('root');
    const bootPartitions: SeedPartition[] = [];
    for (const { number } of table.partitions) {
      const partition = await files.files(number).catch(() => undefined); // swap, raw boot loaders, unknown ones
      if (partition?.fileSystem.kind === 'fat')
        bootPartitions.push({ label: partition.fileSystem.label, files: partition });
    }
    return new FlashedDisk(root, bootPartitions, files, held, cleanup.move());
  }

  /** Makes everything written so far last. */
  async commit(): Promise<void> {
    for (const fileSystem of await this.files.opened()) await fileSystem.flush();
    await this.held.commit();
  }

  /** Forgets what was not committed and closes the eMMC. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.held[Symbol.asyncDispose]();
    await this.cleanup[Symbol.asyncDispose]();
  }
}
