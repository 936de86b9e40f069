import { ImageError } from '../image-error.js';
import { decodeOemText } from './oem-text.js';

/** Where everything is in a FAT filesystem; offsets and sizes in bytes from the start of the partition. */
export interface FatGeometry {
  readonly variant: 'FAT12' | 'FAT16' | 'FAT32';
  readonly sectorBytes: number;
  readonly clusterBytes: number;
  /** Clusters are numbered 2 to `clusterCount + 1`. */
  readonly clusterCount: number;
  readonly fatOffset: number;
  readonly fatBytes: number;
  readonly fatCopies: number;
  /** FAT12 and FAT16: the fixed root directory. FAT32: zero bytes. */
  readonly rootAreaOffset: number;
  readonly rootAreaBytes: number;
  /** FAT32: first cluster of the root directory. */
  readonly rootCluster: number;
  readonly dataOffset: number;
  /** FAT32: the sector with the free count, if there is one. */
  readonly infoOffset: number | undefined;
  readonly totalBytes: number;
  readonly volumeId: string;
  /** The label in the boot sector; the one in the root directory outranks it. */
  readonly bootLabel: string;
  /** Whether it was not unmounted properly. */
  readonly dirty: boolean;
}

const SECTOR_SIZES: readonly number[] = [512, 1024, 2048, 4096];
const FAT12_MAX_CLUSTERS = 4084;
const FAT16_MAX_CLUSTERS = 65524;
const FAT32_MAX_CLUSTERS = 0x0fff_fff5;

/** Whether a sector is a FAT's boot sector: every field that decides the layout must make sense. */
export function isFatBootSector(sector: Buffer): boolean {
  if (sector.length < 512 || sector.readUInt16LE(510) !== 0xaa55) return false;
  const sectorsPerCluster = sector.readUInt8(13);
  const media = sector.readUInt8(21);
  const copies = sector.readUInt8(16);
  return (
    SECTOR_SIZES.includes(sector.readUInt16LE(11)) &&
    sectorsPerCluster > 0 &&
    (sectorsPerCluster & (sectorsPerCluster - 1)) === 0 &&
    sector.readUInt16LE(14) > 0 &&
    copies >= 1 &&
    copies <= 4 &&
    (media === 0xf0 || media >= 0xf8) &&
    (sector.readUInt16LE(22) > 0 || sector.readUInt32LE(36) > 0) &&
    (sector.readUInt16LE(19) > 0 || sector.readUInt32LE(32) > 0)
  );
}

/**
 * Computes a FAT's layout from its boot sector.
 *
 * @remarks FAT32 is what has no 16-bit FAT size, as Linux decides it, and not what has many clusters, as the
 * specification says: `mkfs.vfat -F32` on the 4 MiB of the RK1's `CIDATA` makes one with 8034 clusters.
 * @throws ImageError `IMAGE_FILESYSTEM_CORRUPT`, `IMAGE_FILESYSTEM_UNSUPPORTED`.
 */
export function parseFatGeometry(sector: Buffer, partitionBytes: number): FatGeometry {
  if (!isFatBootSector(sector)) throw corrupt('its boot sector makes no sense');
  const sectorBytes = sector.readUInt16LE(11);
  const clusterBytes = sectorBytes * sector.readUInt8(13);
  const fatCopies = sector.readUInt8(16);
  const isFat32 = sector.readUInt16LE(22) === 0;
  const fatBytes = (isFat32 ? sector.readUInt32LE(36) : sector.readUInt16LE(22)) * sectorBytes;
  const totalBytes = (sector.readUInt16LE(19) || sector.readUInt32LE(32)) * sectorBytes;
  const fatOffset = sector.readUInt16LE(14) * sectorBytes;
  const rootAreaOffset = fatOffset + fatCopies * fatBytes;
  const rootAreaBytes = Math.ceil((sector.readUInt16LE(17) * 32) / sectorBytes) * sectorBytes;
  const dataOffset = rootAreaOffset + rootAreaBytes;
  if (totalBytes > partitionBytes) throw corrupt(`it claims ${totalBytes} bytes on ${partitionBytes}`);
  if (dataOffset + clusterBytes > totalBytes) throw corrupt('it has no room for data');
  if (isFat32 && rootAreaBytes > 0) throw corrupt('it has a fixed root directory although it is FAT32');
  if (!isFat32 && rootAreaBytes === 0) throw corrupt('it has no root directory');

  const byData = Math.floor((totalBytes - dataOffset) / clusterBytes);
  const variant = isFat32 ? 'FAT32' : byData <= FAT12_MAX_CLUSTERS ? 'FAT12' : 'FAT16';
  const byFat = Math.floor(fatBytes / { FAT12: 1.5, FAT16: 2, FAT32: 4 }[variant]) - 2;
  const clusterCount = Math.min(byData, byFat);
  const most = { FAT12: FAT12_MAX_CLUSTERS, FAT16: FAT16_MAX_CLUSTERS, FAT32: FAT32_MAX_CLUSTERS }[variant];
  if (clusterCount < 1 || clusterCount > most) throw corrupt(`it has ${clusterCount} clusters as ${variant}`);

  const extended = isFat32 ? 64 : 36;
  const rootCluster = isFat32 ? sector.readUInt32LE(44) : 0;
  if (isFat32) {
    if (sector.readUInt16LE(42) !== 0) throw unsupported(`FAT32 version ${sector.readUInt16LE(42)}`);
    if ((sector.readUInt16LE(40) & 0x80) !== 0 && fatCopies > 1)
      throw unsupported('FATs that are not mirrored');
    if (rootCluster < 2 || rootCluster > clusterCount + 1) throw corrupt('its root directory is outside it');
  }
  const infoSector = isFat32 ? sector.readUInt16LE(48) : 0;
  const hasLabel = sector.readUInt8(extended + 2) === 0x29;
  const volumeId = hasLabel
    ? sector
        .readUInt32LE(extended + 3)
        .toString(16)
        .toUpperCase()
        .padStart(8, '0')
    : '';
  const bootLabel = hasLabel ? decodeOemText(sector.subarray(extended + 7, extended + 18)) : '';
  return {
    variant,
    sectorBytes,
    clusterBytes,
    clusterCount,
    fatOffset,
    fatBytes,
    fatCopies,
    rootAreaOffset,
    rootAreaBytes,
    rootCluster,
    dataOffset,
    infoOffset: infoSector > 0 && infoSector * sectorBytes < fatOffset ? infoSector * sectorBytes : undefined,
    totalBytes,
    volumeId: volumeId === '' ? '' : `${volumeId.slice(0, 4)}-${volumeId.slice(4)}`,
    bootLabel: bootLabel === 'NO NAME' ? '' : bootLabel,
    dirty: (sector.readUInt8(extended + 1) & 1) !== 0,
  };
}

function corrupt(what: string): ImageError {
  return new ImageError('IMAGE_FILESYSTEM_CORRUPT', `The FAT filesystem is damaged: ${what}.`);
}

function unsupported(what: string): ImageError {
  return new ImageError('IMAGE_FILESYSTEM_UNSUPPORTED', `The FAT filesystem uses ${what}.`);
}
