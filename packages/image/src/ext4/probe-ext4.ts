import type { ReadableDisk } from '../disk/disk.js';
import { parseFeatures } from './features.js';
import {
  SUPERBLOCK_LENGTH,
  SUPERBLOCK_OFFSET,
  hasExt4Magic,
  superblockLabel,
  superblockUuid,
} from './superblock.js';

/** What an ext4 superblock says of itself at first sight, unchecked. */
export interface Ext4Summary {
  readonly label: string;
  readonly uuid: string;
  /** Names of the features, as `dumpe2fs` prints them. */
  readonly features: readonly string[];
  /** The journal has to be replayed, or files unlinked while open have to be released, before anything is written. */
  readonly dirty: boolean;
}

/** Recognises ext2, ext3 and ext4 by their magic with one read of 1 KiB; undefined for anything else. */
export async function probeExt4(disk: ReadableDisk): Promise<Ext4Summary | undefined> {
  if (disk.sizeBytes < SUPERBLOCK_OFFSET + SUPERBLOCK_LENGTH) return undefined;
  const raw = await disk.read(SUPERBLOCK_OFFSET, SUPERBLOCK_LENGTH);
  if (!hasExt4Magic(raw)) return undefined;
  const { compatible, incompatible, readOnlyCompatible } = parseFeatures(raw);
  const features = [...compatible, ...incompatible, ...readOnlyCompatible];
  return {
    label: superblockLabel(raw),
    uuid: superblockUuid(raw),
    features,
    dirty:
      features.includes('needs_recovery') ||
      features.includes('orphan_present') ||
      raw.readUInt32LE(0xe8) !== 0,
  };
}
