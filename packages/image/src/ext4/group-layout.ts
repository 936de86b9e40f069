import type { Superblock } from './superblock.js';

/** Descriptors in one block of the group descriptor table. */
export function descriptorsPerBlock(superblock: Superblock): number {
  return Math.floor(superblock.blockSize / superblock.descriptorSize);
}

/** Blocks of the whole group descriptor table. */
export function descriptorBlockCount(superblock: Superblock): number {
  return Math.ceil(superblock.groupCount / descriptorsPerBlock(superblock));
}

/** First block of a group. */
export function groupStart(superblock: Superblock, group: number): number {
  return superblock.firstDataBlock + group * superblock.blocksPerGroup;
}

/** Blocks of a group; the last one may be short. */
export function groupLength(superblock: Superblock, group: number): number {
  return Math.min(superblock.blocksPerGroup, superblock.blocksCount - groupStart(superblock, group));
}

/** The group that a block lies in. */
export function groupOfBlock(superblock: Superblock, block: number): number {
  return Math.floor((block - superblock.firstDataBlock) / superblock.blocksPerGroup);
}

/** Tells whether a group begins with a copy of the superblock (`sparse_super`, `sparse_super2`). */
export function hasSuperblock(superblock: Superblock, group: number): boolean {
  if (group === 0) return true;
  if (superblock.features.has('sparse_super2')) return superblock.backupGroups.includes(group);
  if (group === 1 || !superblock.features.has('sparse_super')) return true;
  return [3, 5, 7].some((base) => isPower(group, base));
}

/** Where the n-th block of the group descriptor table is (`meta_bg` spreads them). */
export function descriptorBlock(superblock: Superblock, index: number): number {
  const usesMetaGroups = superblock.features.has('meta_bg') && index >= superblock.firstMetaGroup;
  if (!usesMetaGroups) return superblock.firstDataBlock + 1 + index;
  const group = index * descriptorsPerBlock(superblock);
  return groupStart(superblock, group) + (hasSuperblock(superblock, group) ? 1 : 0);
}

/** Blocks at a group's start taken by superblock, descriptors and room for more descriptors. */
export function groupHeaderLength(superblock: Superblock, group: number): number {
  const backup = hasSuperblock(superblock, group);
  const perBlock = descriptorsPerBlock(superblock);
  const metaGroups = superblock.features.has('meta_bg');
  if (!metaGroups || group < superblock.firstMetaGroup * perBlock) {
    if (!backup) return 0;
    const table = metaGroups ? superblock.firstMetaGroup : descriptorBlockCount(superblock);
    return 1 + table + superblock.reservedGdtBlocks;
  }
  const first = group - (group % perBlock);
  const holdsDescriptors = group === first || group === first + 1 || group === first + perBlock - 1;
  return (backup ? 1 : 0) + (holdsDescriptors ? 1 : 0);
}

/** Blocks of one group's inode table. */
export function inodeTableLength(superblock: Superblock): number {
  return Math.ceil((superblock.inodesPerGroup * superblock.inodeSize) / superblock.blockSize);
}

function isPower(value: number, base: number): boolean {
  let power = base;
  while (power < value) power *= base;
  return power === value;
}
