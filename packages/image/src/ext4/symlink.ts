import { encodeName } from '../filesystem/image-name.js';
import { ImageError } from '../image-error.js';
import { useExtents } from './inode-lifetime.js';
import type { Inode } from './inode.js';
import type { Volume } from './volume.js';

const FAST_LENGTH = 60;
const MAX_LENGTH = 4095;

/** Gives a new symlink its target: in the block area when shorter than 60 bytes, otherwise in a block. */
export async function writeSymlink(volume: Volume, inode: Inode, target: string): Promise<void> {
  const bytes = encodeName(target);
  const { blockSize, features } = volume.superblock;
  if (bytes.length === 0 || bytes.includes(0))
    throw new ImageError('IMAGE_PATH_INVALID', 'A symlink needs a target without NUL.');
  if (bytes.length > Math.min(MAX_LENGTH, blockSize - 1))
    throw new ImageError('IMAGE_NAME_TOO_LONG', `A symlink's target of ${bytes.length} bytes is too long.`);
  inode.size = bytes.length;
  if (bytes.length < FAST_LENGTH) {
    bytes.copy(inode.blockArea);
    return;
  }
  if (features.has('extent')) await useExtents(volume, inode);
  const physical = await volume.blocks.allocateOne(volume.maps.goal(inode.number));
  await volume.maps.write(inode, [{ logical: 0, physical, count: 1, unwritten: false }], []);
  const block = Buffer.alloc(blockSize);
  bytes.copy(block);
  await volume.disk.write(physical * blockSize, block);
}
