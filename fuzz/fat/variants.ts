/** One way to make a FAT filesystem, as node images and other systems have them. */
export interface FatVariant {
  readonly name: string;
  /** Arguments for `mkfs.vfat`, between the program and the file. */
  readonly options: readonly string[];
  readonly sizeKiB: number;
  /** Whether mtools can work on it: it tells FAT32 by the number of clusters, and refuses what has too few. */
  readonly mtools: boolean;
}

const MIB = 1024;

/** Every layout that the driver states to write. */
export const FAT_VARIANTS: readonly FatVariant[] = [
  { name: 'cidata', options: ['-F', '32', '-n', 'CIDATA'], sizeKiB: 4 * MIB, mtools: false },
  { name: 'cidata-fat12', options: ['-n', 'CIDATA'], sizeKiB: 4 * MIB, mtools: true },
  { name: 'pi-boot', options: ['-F', '32', '-s', '1', '-n', 'bootfs'], sizeKiB: 256 * MIB, mtools: true },
  { name: 'fat12', options: ['-F', '12', '-s', '1'], sizeKiB: MIB, mtools: true },
  { name: 'fat12-floppy', options: ['-F', '12'], sizeKiB: 1440, mtools: true },
  { name: 'fat12-large-clusters', options: ['-F', '12', '-s', '16'], sizeKiB: 24 * MIB, mtools: true },
  { name: 'fat12-small-root', options: ['-F', '12', '-s', '2', '-r', '32'], sizeKiB: 2 * MIB, mtools: true },
  { name: 'fat16', options: ['-F', '16', '-s', '1'], sizeKiB: 8 * MIB, mtools: true },
  { name: 'fat16-4k', options: ['-F', '16', '-s', '8'], sizeKiB: 32 * MIB, mtools: true },
  { name: 'fat16-32k', options: ['-F', '16', '-s', '64'], sizeKiB: 160 * MIB, mtools: true },
  { name: 'fat16-one-copy', options: ['-F', '16', '-s', '2', '-f', '1'], sizeKiB: 16 * MIB, mtools: true },
  {
    name: 'fat16-sectors-2048',
    options: ['-F', '16', '-S', '2048', '-s', '1'],
    sizeKiB: 16 * MIB,
    mtools: true,
  },
  { name: 'fat32', options: ['-F', '32', '-s', '1'], sizeKiB: 34 * MIB, mtools: true },
  { name: 'fat32-4k', options: ['-F', '32', '-s', '8'], sizeKiB: 288 * MIB, mtools: true },
  {
    name: 'fat32-sectors-1024',
    options: ['-F', '32', '-S', '1024', '-s', '1'],
    sizeKiB: 8 * MIB,
    mtools: false,
  },
  {
    name: 'fat32-sectors-4096',
    options: ['-F', '32', '-S', '4096', '-s', '1'],
    sizeKiB: 8 * MIB,
    mtools: false,
  },
  {
    name: 'fat32-no-info',
    options: ['-F', '32', '-s', '1', '-R', '8', '-b', '6'],
    sizeKiB: 36 * MIB,
    mtools: true,
  },
];
