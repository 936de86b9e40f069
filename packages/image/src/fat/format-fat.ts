import type { WritableDisk } from '../disk/disk.js';
import { ImageError } from '../image-error.js';

const SECTOR = 512;
const ROOT_ENTRIES = 512;
const FAT_COPIES = 2;
const MIN_CLUSTERS = 4085;
const MAX_CLUSTERS = 65_524;

/** How an empty FAT is made. */
export interface FormatFatOptions {
  /** Up to eleven characters of ASCII. */
  readonly label: string;
  /** Serial number of the volume. */
  readonly volumeId: number;
}

/**
 * Makes an empty FAT16 over a whole partition (Microsoft's FAT specification 1.03): what U-Boot, the firmware of a Raspberry
 * Pi and UEFI all read, whatever its size between 8 MiB and 2 GiB.
 *
 * @remarks Sectors that it does not write must be zero.
 * @throws ImageError `IMAGE_NO_SPACE` for a partition that no FAT16 fits.
 */
export async function formatFat(disk: WritableDisk, { label, volumeId }: FormatFatOptions): Promise<void> {
  const sectors = Math.floor(disk.sizeBytes / SECTOR);
  const { perCluster, fatSectors } = divide(sectors);
  const boot = Buffer.alloc(SECTOR);
  boot.write('\xeb\x3c\x90MSDOS5.0', 0, 'latin1');
  boot.writeUInt16LE(SECTOR, 11);
  boot.writeUInt8(perCluster, 13);
  boot.writeUInt16LE(1, 14);
  boot.writeUInt8(FAT_COPIES, 16);
  boot.writeUInt16LE(ROOT_ENTRIES, 17);
  boot.writeUInt16LE(sectors < 0x1_0000 ? sectors : 0, 19);
  boot.writeUInt8(0xf8, 21);
  boot.writeUInt16LE(fatSectors, 22);
  boot.writeUInt16LE(32, 24);
  boot.writeUInt16LE(64, 26);
  boot.writeUInt32LE(sectors < 0x1_0000 ? 0 : sectors, 32);
  boot.writeUInt8(0x80, 36);
  boot.writeUInt8(0x29, 38);
  boot.writeUInt32LE(volumeId, 39);
  const name = label.toUpperCase().slice(0, 11).padEnd(11);
  boot.write(name, 43, 'latin1');
  boot.write('FAT16   ', 54, 'latin1');
  boot.writeUInt16LE(0xaa55, 510);
  await disk.write(0, boot);
  const firstFat = Buffer.from([0xf8, 0xff, 0xff, 0xff]);
  for (let copy = 0; copy < FAT_COPIES; copy++) await disk.write((1 + copy * fatSectors) * SECTOR, firstFat);
  const volumeEntry = Buffer.alloc(32);
  volumeEntry.write(name, 0, 'latin1');
  volumeEntry.writeUInt8(0x08, 11);
  await disk.write((1 + FAT_COPIES * fatSectors) * SECTOR, volumeEntry);
}

/** The smallest clusters with which there are not too many of them. */
function divide(sectors: number): { readonly perCluster: number; readonly fatSectors: number } {
  const rootSectors = (ROOT_ENTRIES * 32) / SECTOR;
  for (let perCluster = 1; perCluster <= 64; perCluster *= 2) {
    const most = Math.floor((sectors - 1 - rootSectors) / perCluster);
    const fatSectors = Math.ceil(((most + 2) * 2) / SECTOR);
    const clusters = Math.floor((sectors - 1 - rootSectors - FAT_COPIES * fatSectors) / perCluster);
    if (clusters > MAX_CLUSTERS) continue;
    if (clusters < MIN_CLUSTERS) break;
    return { perCluster, fatSectors };
  }
  throw new ImageError('IMAGE_NO_SPACE', `No FAT16 fits a partition of ${sectors * SECTOR} bytes.`);
}
