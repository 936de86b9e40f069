import type { ImageFiles, PartitionTable } from '@turingpi/image';
import { baseUnsupported, type BootFiles } from './boot-files.js';
import { readBootScript } from './boot-script.js';
import { readEfi } from './efi.js';
import { readExtlinux } from './extlinux.js';
import type { ModuleHardware } from './module-hardware.js';
import { readRaspberryPi } from './raspberry-pi.js';

/** An opened base image, as far as it is looked at here. */
export interface BaseImage {
  readonly partitionTable: PartitionTable;
  /** The files of a partition, by its number or as `root`. */
  files(selector: number | 'root'): Promise<ImageFiles>;
}

/**
 * Finds how a base image starts its kernel, and takes what is read for that: looked for in the order of U-Boot's distro
 * boot, after a Raspberry Pi's own firmware.
 *
 * @throws NetworkInstallError `INSTALLER_BASE_UNSUPPORTED`, `INSTALLER_TOO_LARGE`; ImageError.
 */
export async function readBootFiles(image: BaseImage, module: ModuleHardware): Promise<BootFiles> {
  const root = await image.files('root');
  const partitions = await readable(image);
  for (const read of [readRaspberryPi, readExtlinux, readBootScript])
    for (const files of partitions) {
      const found = await read(files, module);
      if (found !== undefined) return found;
    }
  for (const files of partitions) {
    const found = await readEfi(files, root);
    if (found !== undefined) return found;
  }
  throw baseUnsupported('it has no config.txt, extlinux.conf, boot.scr or EFI boot loader');
}

/** Partitions whose files can be read; swap and the like are none. */
async function readable(image: BaseImage): Promise<ImageFiles[]> {
  const all: ImageFiles[] = [];
  for (const { number } of image.partitionTable.partitions) {
    const files = await image.files(number).catch(() => undefined);
    if (files !== undefined) all.push(files);
  }
  return all;
}
