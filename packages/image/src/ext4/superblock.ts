import { ImageError } from '../image-error.js';
import { crc32c } from './checksum.js';
import { parseFeatures, type FeatureName } from './features.js';

/** Where the first superblock is, in bytes, whatever the block size. */
export const SUPERBLOCK_OFFSET = 1024;
export const SUPERBLOCK_LENGTH = 1024;
const MAGIC = 0xef53;
const MAX_GROUPS = 262_144;

export const STATE_VALID = 0x1;
export const STATE_ERRORS = 0x2;
export const STATE_ORPHANS = 0x4;

/**
 * Everything of the superblock that does not change while files are edited, checked for sanity.
 *
 * @remarks Field offsets: Linux `fs/ext4/ext4.h`, `struct ext4_super_block`. Counters that change stay in the block itself.
 */
export interface Superblock {
  readonly uuid: string;
  readonly label: string;
  readonly features: ReadonlySet<string>;
  readonly compatible: readonly string[];
  readonly incompatible: readonly string[];
  readonly readOnlyCompatible: readonly string[];
  readonly blockSize: number;
  readonly blocksCount: number;
  readonly inodesCount: number;
  readonly firstDataBlock: number;
  readonly blocksPerGroup: number;
  readonly inodesPerGroup: number;
  readonly inodeSize: number;
  readonly descriptorSize: number;
  readonly groupCount: number;
  readonly firstInode: number;
  readonly reservedGdtBlocks: number;
  readonly firstMetaGroup: number;
  readonly backupGroups: readonly [number, number];
  readonly wantedExtraSize: number;
  readonly hashSeed: readonly [number, number, number, number];
  readonly defaultHashVersion: number;
  readonly unsignedHash: boolean;
  /** It is on record whether names are hashed as signed or unsigned bytes. */
  readonly knowsHashSign: boolean;
  readonly state: number;
  readonly lastOrphan: number;
  readonly journalInode: number;
  /** Start value of every metadata checksum. */
  readonly checksumSeed: number;
  /** Groups carry checksums and "uninitialised" marks (`uninit_bg` or `metadata_csum`). */
  readonly groupChecksums: boolean;
  readonly rawUuid: Buffer;
}

/** Parses and checks a superblock. @throws ImageError `IMAGE_FILESYSTEM_CORRUPT`, `IMAGE_FILESYSTEM_UNSUPPORTED`. */
export function parseSuperblock(raw: Buffer, diskBytes: number): Superblock {
  if (!hasExt4Magic(raw)) throw corrupt('has no ext4 magic');
  const dynamic = raw.readUInt32LE(0x4c) >= 1;
  const { compatible, incompatible, readOnlyCompatible } = parseFeatures(raw);
  const features: ReadonlySet<string> = new Set([...compatible, ...incompatible, ...readOnlyCompatible]);
  const has = (name: FeatureName): boolean => features.has(name);
  const rawUuid = Buffer.from(raw.subarray(0x68, 0x78));
  const flags = raw.readUInt32LE(0x160);

  if (has('metadata_csum')) {
    if (raw[0x175] !== 1) throw unsupported(`uses metadata checksum type ${raw[0x175] ?? 0}`);
    if (raw.readUInt32LE(0x3fc) !== superblockChecksum(raw)) throw corrupt('has a wrong superblock checksum');
  }
  const logBlockSize = raw.readUInt32LE(0x18);
  if (logBlockSize > 6) throw corrupt(`states a block size of 2^${10 + logBlockSize} bytes`);
  const blockSize = 1024 << logBlockSize;
  if (blockSize > 4096) throw unsupported(`has blocks of ${blockSize} bytes; up to 4096 are supported`);
  const blocksHigh = has('64bit') ? raw.readUInt32LE(0x150) : 0;
  const blocksCount = blocksHigh * 2 ** 32 + raw.readUInt32LE(0x4);
  const firstDataBlock = raw.readUInt32LE(0x14);
  const blocksPerGroup = raw.readUInt32LE(0x20);
  const inodesPerGroup = raw.readUInt32LE(0x28);
  const inodesCount = raw.readUInt32LE(0x0);
  const inodeSize = dynamic ? raw.readUInt16LE(0x58) : 128;
  const firstInode = dynamic ? raw.readUInt32LE(0x54) : 11;
  const descriptorSize = has('64bit') ? raw.readUInt16LE(0xfe) : 32;

  if (blocksCount * blockSize > diskBytes || blocksCount < 8)
    throw corrupt(`states ${blocksCount} blocks of ${blockSize} bytes on ${diskBytes} bytes`);
  if (firstDataBlock !== (blockSize === 1024 && !has('bigalloc') ? 1 : 0))
    throw corrupt(`states first data block ${firstDataBlock}`);
  const maxBlocksPerGroup = has('bigalloc') ? 2 ** 31 : blockSize * 8;
  if (blocksPerGroup < 256 || blocksPerGroup > maxBlocksPerGroup || blocksPerGroup % 8 !== 0)
    throw corrupt(`states ${blocksPerGroup} blocks per group`);
  if (inodeSize < 128 || inodeSize > blockSize || (inodeSize & (inodeSize - 1)) !== 0)
    throw corrupt(`states an inode size of ${inodeSize} bytes`);
  const inodesPerBlock = blockSize / inodeSize;
  if (inodesPerGroup < inodesPerBlock || inodesPerGroup > blockSize * 8 || inodesPerGroup % 8 !== 0)
    throw corrupt(`states ${inodesPerGroup} inodes per group`);
  if (
    descriptorSize < (has('64bit') ? 64 : 32) ||
    descriptorSize > 1024 ||
    (descriptorSize & (descriptorSize - 1)) !== 0
  )
    throw corrupt(`states group descriptors of ${descriptorSize} bytes`);
  const groupCount = Math.ceil((blocksCount - firstDataBlock) / blocksPerGroup);
  if (groupCount > MAX_GROUPS) throw unsupported(`has ${groupCount} block groups; up to ${MAX_GROUPS} work`);
  if (inodesCount !== groupCount * inodesPerGroup)
    throw corrupt(`states ${inodesCount} inodes in ${groupCount} groups of ${inodesPerGroup}`);
  if (firstInode < 11 || firstInode > inodesCount) throw corrupt(`states first inode ${firstInode}`);

  return {
    uuid: formatUuid(rawUuid),
    label: cString(raw.subarray(0x78, 0x88)),
    features,
    compatible,
    incompatible,
    readOnlyCompatible,
    blockSize,
    blocksCount,
    inodesCount,
    firstDataBlock,
    blocksPerGroup,
    inodesPerGroup,
    inodeSize,
    descriptorSize,
    groupCount,
    firstInode,
    reservedGdtBlocks: has('resize_inode') ? raw.readUInt16LE(0xce) : 0,
    firstMetaGroup: has('meta_bg') ? raw.readUInt32LE(0x104) : 0,
    backupGroups: [raw.readUInt32LE(0x24c), raw.readUInt32LE(0x250)],
    wantedExtraSize: raw.readUInt16LE(0x15e),
    hashSeed: [
      raw.readUInt32LE(0xec),
      raw.readUInt32LE(0xf0),
      raw.readUInt32LE(0xf4),
      raw.readUInt32LE(0xf8),
    ],
    defaultHashVersion: raw[0xfc] ?? 0,
    unsignedHash: (flags & 0x2) !== 0,
    knowsHashSign: (flags & 0x3) !== 0,
    state: raw.readUInt16LE(0x3a),
    lastOrphan: raw.readUInt32LE(0xe8),
    journalInode: raw.readUInt32LE(0xe0),
    checksumSeed: has('metadata_csum_seed') ? raw.readUInt32LE(0x270) : crc32c(0xffffffff, rawUuid),
    groupChecksums: has('uninit_bg') || has('metadata_csum'),
    rawUuid,
  };
}

/** Tells whether 1024 bytes read at offset 1024 carry the magic of ext2, ext3 and ext4. */
export function hasExt4Magic(raw: Buffer): boolean {
  return raw.length >= SUPERBLOCK_LENGTH && raw.readUInt16LE(0x38) === MAGIC;
}

/** Checksum over the superblock as it is, to be stored in its last four bytes. */
export function superblockChecksum(raw: Buffer): number {
  return crc32c(0xffffffff, raw.subarray(0, 0x3fc));
}

/** Label of a superblock, readable even where the rest is damaged. */
export function superblockLabel(raw: Buffer): string {
  return cString(raw.subarray(0x78, 0x88));
}

/** UUID of a superblock in its usual notation. */
export function superblockUuid(raw: Buffer): string {
  return formatUuid(raw.subarray(0x68, 0x78));
}

function cString(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}

function formatUuid(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function corrupt(what: string): ImageError {
  return new ImageError('IMAGE_FILESYSTEM_CORRUPT', `The ext4 superblock ${what}.`);
}

function unsupported(what: string): ImageError {
  return new ImageError('IMAGE_FILESYSTEM_UNSUPPORTED', `The ext4 filesystem ${what}.`);
}
