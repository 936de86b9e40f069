import type { FileAttributes, FileType } from '../filesystem/file-system.js';
import { segmentsOf } from './block-run.js';
import { crc32cNumber } from './checksum.js';
import { unsupportedOperation } from './corruption.js';
import { writeExtentTree } from './extent-tree.js';
import { ExtendedAttributes } from './extended-attributes.js';
import { INODE_FLAGS, Inode, modeBitsOf } from './inode.js';
import { NodeBlocks } from './node-blocks.js';
import type { Volume } from './volume.js';

const DEFAULT_EXTRA_SIZE = 32;
const MAX_LINKS = 65_000;
const FAST_SYMLINK_LENGTH = 60;

/** Flags that a new inode takes over from its directory. */
const INHERITED =
  INODE_FLAGS.sync |
  INODE_FLAGS.noDump |
  INODE_FLAGS.noAtime |
  INODE_FLAGS.journalData |
  INODE_FLAGS.noTail |
  INODE_FLAGS.dirSync;

/** Tells whether a symlink's target is in the block area itself. */
export function isFastSymlink(volume: Volume, inode: Inode): boolean {
  const content = volume.maps.blockCount(inode) - (inode.attributeBlock ? 1 : 0);
  return (
    inode.type === 'symlink' &&
    !inode.has(INODE_FLAGS.inlineData | INODE_FLAGS.extents) &&
    inode.size < FAST_SYMLINK_LENGTH &&
    content === 0
  );
}

/** Tells whether an inode's content is in mapped blocks. */
export function hasBlockMap(volume: Volume, inode: Inode): boolean {
  if (inode.has(INODE_FLAGS.inlineData)) return false;
  return (
    inode.type === 'file' || inode.isDirectory || (inode.type === 'symlink' && !isFastSymlink(volume, inode))
  );
}

/** Makes an inode near its directory's, without content and with one link; it still has to be written. */
export async function createInode(
  volume: Volume,
  directory: Inode,
  type: FileType,
  attributes: FileAttributes,
): Promise<Inode> {
  const { superblock, settings, inodeNumbers, inodes } = volume;
  const number = await inodeNumbers.allocate(directory.number, type === 'directory');
  const inode = new Inode(number, Buffer.alloc(superblock.inodeSize));
  const now = settings.now();
  inode.extraSize = extraSizeFor(superblock.inodeSize, superblock.wantedExtraSize);
  inode.mode = modeBitsOf(type) | (attributes.mode ?? (type === 'directory' ? 0o755 : 0o644));
  inode.uid = attributes.uid ?? 0;
  inode.gid = attributes.gid ?? 0;
  inode.links = 1;
  inode.flags = directory.flags & INHERITED & (type === 'directory' ? ~0 : ~INODE_FLAGS.dirSync);
  const seconds = Math.floor(now.getTime() / 1000);
  inode.generation = crc32cNumber(
    crc32cNumber(superblock.checksumSeed ^ settings.generation, number),
    seconds | 0,
  );
  for (const which of ['access', 'change', 'modification', 'creation'] as const) inode.setTime(which, now);
  if (attributes.mtime) inode.setTime('modification', attributes.mtime);
  if (superblock.features.has('extent') && (type === 'file' || type === 'directory'))
    await useExtents(volume, inode);
  inodes.adopt(inode);
  await new ExtendedAttributes(volume).inherit(inode, directory);
  return inode;
}

/** Gives an inode an empty extent tree. */
export async function useExtents(volume: Volume, inode: Inode): Promise<void> {
  inode.flags |= INODE_FLAGS.extents;
  const none = new NodeBlocks(volume.cache, volume.blocks, [], 0);
  await writeExtentTree(inode.blockArea, [], none, volume.superblock.blockSize, undefined);
}

/** Takes one link from an inode, and frees everything it has with the last one. */
export async function dropLink(volume: Volume, inode: Inode): Promise<void> {
  inode.setTime('change', volume.settings.now());
  if (!inode.isDirectory && inode.links > 1) {
    inode.links--;
    await volume.inodes.write(inode);
    return;
  }
  const { isDirectory } = inode;
  await new ExtendedAttributes(volume).release(inode);
  if (hasBlockMap(volume, inode)) {
    const { runs, nodeBlocks } = await volume.maps.read(inode);
    await volume.blocks.free([...segmentsOf(runs), ...nodeBlocks.map((start) => ({ start, count: 1 }))]);
  }
  await volume.inodeNumbers.free(inode.number, isDirectory);
  inode.raw.fill(0);
  await volume.inodes.write(inode);
}

/** Adds a link to a file. @throws ImageError `IMAGE_OPERATION_UNSUPPORTED` when it has as many as there can be. */
export function addLink(inode: Inode): void {
  if (inode.links >= MAX_LINKS)
    throw unsupportedOperation(`Inode ${inode.number} has ${MAX_LINKS} names already`);
  inode.links++;
}

/** Counts one subdirectory more or less; with `dir_nlink` a count of 1 means "many". */
export function countSubdirectory(volume: Volume, directory: Inode, change: 1 | -1): void {
  if (change < 0) {
    if (directory.links > 2) directory.links--;
    return;
  }
  if (directory.links === 1) return;
  if (directory.links < MAX_LINKS) directory.links++;
  else if (volume.superblock.features.has('dir_nlink') && directory.has(INODE_FLAGS.index))
    directory.links = 1;
  else
    throw unsupportedOperation(
      `Directory inode ${directory.number} has as many subdirectories as there can be`,
    );
}

/** Refuses to change what has a flag that forbids it or that this driver does not keep right. */
export function assertChangeable(inode: Inode, path: string, append = false): void {
  const reasons: readonly (readonly [number, string])[] = [
    [INODE_FLAGS.immutable, 'immutable'],
    [append ? 0 : INODE_FLAGS.append, 'append-only'],
    [INODE_FLAGS.encrypt, 'encrypted'],
    [INODE_FLAGS.verity, 'protected by fs-verity'],
    [INODE_FLAGS.eaInode, 'the value of an extended attribute'],
    [INODE_FLAGS.casefold, 'a directory that ignores case'],
    [INODE_FLAGS.compressed, 'compressed'],
  ];
  for (const [flag, reason] of reasons)
    if (inode.has(flag)) throw unsupportedOperation(`"${path}" is ${reason} and cannot be changed`);
}

function extraSizeFor(inodeSize: number, wanted: number): number {
  const room = inodeSize - 128;
  const fits = wanted >= 4 && wanted <= room && wanted % 4 === 0;
  return Math.min(fits ? wanted : DEFAULT_EXTRA_SIZE, room);
}
