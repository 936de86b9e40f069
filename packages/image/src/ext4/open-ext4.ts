import type { WritableDisk } from '../disk/disk.js';
import type { FileSystem } from '../filesystem/file-system.js';
import { ImageError } from '../image-error.js';
import { Ext4FileSystem } from './ext4-file-system.js';
import { parseFeatures, unreadableFeatures, unwritableFeatures } from './features.js';
import {
  STATE_ERRORS,
  STATE_ORPHANS,
  STATE_VALID,
  SUPERBLOCK_LENGTH,
  SUPERBLOCK_OFFSET,
  hasExt4Magic,
  parseSuperblock,
  superblockLabel,
  superblockUuid,
  type Superblock,
} from './superblock.js';
import { Volume } from './volume.js';

export interface Ext4Options {
  /** Refuses every change, and so also opens filesystems whose features only stand in the way of writing. */
  readonly readOnly?: boolean;
  /** The clock for times of what is made and changed; a fixed one makes equal edits give equal bytes. */
  readonly now?: () => Date;
  /** Distinguishes the generation numbers of new inodes, which otherwise follow from filesystem, inode and clock. */
  readonly generation?: number;
}

/**
 * Opens an ext2, ext3 or ext4 filesystem for reading and writing. The disk stays the caller's.
 *
 * @throws ImageError `IMAGE_FILESYSTEM_UNSUPPORTED` naming features not written, `IMAGE_FILESYSTEM_DIRTY` for one that
 * was not unmounted cleanly or has errors recorded, `IMAGE_FILESYSTEM_CORRUPT`.
 */
export async function openExt4(disk: WritableDisk, options: Ext4Options = {}): Promise<FileSystem> {
  if (disk.sizeBytes < SUPERBLOCK_OFFSET + SUPERBLOCK_LENGTH) throw notExt4();
  const raw = await disk.read(SUPERBLOCK_OFFSET, SUPERBLOCK_LENGTH);
  if (!hasExt4Magic(raw)) throw notExt4();
  // Before anything else is looked at: what a feature unknown to us changes, is unknown to us.
  assertSupported(raw, options.readOnly ?? false);
  const superblock = parseSuperblock(raw, disk.sizeBytes);
  assertClean(superblock);
  const volume = await Volume.open(superblock, disk, {
    now: options.now ?? (() => new Date()),
    generation: options.generation ?? 0,
  });
  return new Ext4FileSystem(volume, options.readOnly ?? false);
}

function assertSupported(raw: Buffer, readOnly: boolean): void {
  const { incompatible, readOnlyCompatible } = parseFeatures(raw);
  const refused = [
    ...unreadableFeatures(incompatible),
    ...(readOnly ? [] : unwritableFeatures(readOnlyCompatible)),
  ];
  if (refused.length === 0) return;
  throw new ImageError(
    'IMAGE_FILESYSTEM_UNSUPPORTED',
    `The ext4 filesystem "${superblockLabel(raw) || superblockUuid(raw)}" uses features that are not supported: ${refused.join(', ')}.`,
    { details: { features: refused } },
  );
}

function assertClean({ features, state, lastOrphan, label, uuid }: Superblock): void {
  const reasons = [
    features.has('needs_recovery') && 'its journal has to be replayed (needs_recovery)',
    features.has('orphan_present') && 'it has files to be released (orphan_present)',
    (lastOrphan !== 0 || (state & STATE_ORPHANS) !== 0) && 'it has files to be released (orphan list)',
    (state & STATE_ERRORS) !== 0 && 'it has errors recorded',
    (state & STATE_VALID) === 0 && 'it was not unmounted',
  ].filter((reason) => reason !== false);
  if (reasons.length === 0) return;
  throw new ImageError(
    'IMAGE_FILESYSTEM_DIRTY',
    `The ext4 filesystem "${label || uuid}" is not clean: ${reasons.join('; ')}.`,
  );
}

function notExt4(): ImageError {
  return new ImageError('IMAGE_FILESYSTEM_UNSUPPORTED', 'There is no ext4 filesystem here (no magic).');
}
