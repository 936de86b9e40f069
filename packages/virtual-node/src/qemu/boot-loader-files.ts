import { type ImageFiles, openRawDisk, PartitionFiles, readPartitionTable } from '@turingpi/image';

/** Where U-Boot's distro boot looks on each partition. */
const PLACES = [
  '/extlinux/extlinux.conf',
  '/boot/extlinux/extlinux.conf',
  '/boot.scr',
  '/boot/boot.scr',
  '/EFI/BOOT/BOOTAA64.EFI',
];

/**
 * Whether a disk has something that U-Boot would start.
 *
 * @param path - of the raw file
 * @throws ImageError for a disk without a partition table.
 */
export async function hasBootLoaderFiles(path: string): Promise<boolean> {
  await using disk = await openRawDisk(path);
  const table = await readPartitionTable(disk);
  const partitions = await PartitionFiles.of(disk, table);
  for (const { number } of table.partitions) {
    const files = await partitions.files(number).catch(() => undefined); // swap and the like have none
    if (files && (await hasOneOf(files))) return true;
  }
  return false;
}

async function hasOneOf(files: ImageFiles): Promise<boolean> {
  for (const place of PLACES) if (await files.exists(place)) return true;
  return false;
}
