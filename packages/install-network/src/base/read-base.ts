import type { ReadableDisk } from '@turingpi/image';
import { GPT_HEAD_BYTES } from '@turingpi/image/parts';
import { type BasePrograms, takePrograms } from '../archive/base-programs.js';
import type { CpioEntry } from '../archive/cpio-archive.js';
import { baseUnsupported, type BootFiles } from './boot-files.js';
import { takeKernelModules } from './kernel-modules.js';
import type { ModuleHardware } from './module-hardware.js';
import { type BaseImage, readBootFiles } from './read-boot-files.js';

/** Where the RK3588 looks for the first stage of its boot loader. */
const BOOT_LOADER_OFFSET = 64 * 512;
const MAX_BOOT_LOADER_BYTES = 64 * 1024 * 1024;

/** What an installer takes from its base image: the same for all nodes of a type. */
export interface InstallerBase {
  readonly boot: BootFiles;
  /** What lies between the partition table and the first partition. */
  readonly bootLoader: Buffer;
  readonly programs: BasePrograms;
  readonly modules: readonly CpioEntry[];
}

/**
 * Reads what an installer is made of.
 *
 * @param disk - the decompressed image
 * @throws NetworkInstallError `INSTALLER_BASE_UNSUPPORTED`, `INSTALLER_PROGRAM_MISSING`, `INSTALLER_TOO_LARGE`; ImageError.
 */
export async function readInstallerBase(
  image: BaseImage,
  disk: ReadableDisk,
  module: ModuleHardware,
): Promise<InstallerBase> {
  const boot = await readBootFiles(image, module);
  const root = await image.files('root');
  const programs = await takePrograms(root);
  const modules = await takeKernelModules(root, boot.kernelRelease, module);
  const bootLoader = await readBootLoader(image, disk);
  const first = BOOT_LOADER_OFFSET - GPT_HEAD_BYTES;
  if (module.bootLoaderOnDisk && bootLoader.subarray(first, first + 512).every((byte) => byte === 0))
    throw baseUnsupported('it has no boot loader at sector 64: an eMMC with it would not start');
  return { boot, bootLoader, programs, modules };
}

async function readBootLoader({ partitionTable }: BaseImage, disk: ReadableDisk): Promise<Buffer> {
  const starts = partitionTable.partitions.map(({ offsetBytes }) => offsetBytes);
  const end = Math.min(...starts, MAX_BOOT_LOADER_BYTES, disk.sizeBytes);
  return end <= GPT_HEAD_BYTES ? Buffer.alloc(0) : await disk.read(GPT_HEAD_BYTES, end - GPT_HEAD_BYTES);
}
