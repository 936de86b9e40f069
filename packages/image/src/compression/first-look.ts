import { MemoryDisk } from '../disk/memory-disk.js';
import { probeFileSystem } from '../filesystem/probe-file-system.js';
import { parseBootRecord } from '../partition/mbr.js';
import { notAnImage } from './foreign-format.js';

/** Every partition table and superblock that is known begins within this. */
export const LOOK_BYTES = 128 * 1024;
const SECTOR_BYTES = 512;

/**
 * Passes the chunks of a disk on, after a look at the first ones: what is no disk is not decompressed to its end, which may
 * be far.
 *
 * @throws ImageError `IMAGE_NOT_AN_IMAGE` or `IMAGE_UNSUPPORTED_COMPRESSION`, by name, when it begins with neither a
 * partition table nor a filesystem.
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
  throw notAnImage(path, head);
}
