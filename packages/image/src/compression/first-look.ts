import { MemoryDisk } from '../disk/memory-disk.js';
import { probeFileSystem } from '../filesystem/probe-file-system.js';
import { ImageError } from '../image-error.js';
import { parseBootRecord } from '../partition/mbr.js';

/** Every partition table and superblock that is known begins within this. */
const LOOK_BYTES = 128 * 1024;
const SECTOR_BYTES = 512;

/**
 * Passes the chunks of a disk on, after a look at the first ones: what is no disk is not decompressed to its end, which may
 * be far.
 *
 * @throws ImageError `IMAGE_NOT_AN_IMAGE` when it begins with neither a partition table nor a filesystem.
 */
export async function* lookFirst(
  chunks: AsyncIterable<Buffer>,
  path: string,
): AsyncGenerator<Buffer, void, undefined> {
  let held: Buffer[] | undefined = [];
  let heldBytes = 0;
  for await (const chunk of chunks) {
    if (!held) {
      yield chunk;
      continue;
    }
    held.push(chunk);
    heldBytes += chunk.length;
    if (heldBytes < LOOK_BYTES) continue;
    await assertBeginsDisk(held, path);
    yield* held;
    held = undefined;
  }
  if (!held) return;
  await assertBeginsDisk(held, path);
  yield* held;
}

async function assertBeginsDisk(chunks: readonly Buffer[], path: string): Promise<void> {
  const head = Buffer.concat(chunks).subarray(0, LOOK_BYTES);
  if (head.length >= SECTOR_BYTES && parseBootRecord(head.subarray(0, SECTOR_BYTES)) !== undefined) return;
  if ((await probeFileSystem(new MemoryDisk(head))) !== undefined) return;
  throw new ImageError(
    'IMAGE_NOT_AN_IMAGE',
    `${path} is not a disk image: it has neither a partition table nor a known filesystem`,
  );
}
