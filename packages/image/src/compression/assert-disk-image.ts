import type { ReadableDisk } from '../disk/disk.js';
import { MemoryDisk } from '../disk/memory-disk.js';
import { openRawDisk, type RawDisk } from '../disk/raw-disk.js';
import { inFile } from '../engine/in-file.js';
import { probeFileSystem } from '../filesystem/probe-file-system.js';
import { statedBytes } from '../filesystem/stated-bytes.js';
import { ImageError } from '../image-error.js';
import { parseBootRecord } from '../partition/mbr.js';
import { readPartitionTable } from '../partition/read-partition-table.js';
import { openXzDisk } from '../xz/open-xz-disk.js';
import { MAX_RAW_BYTES } from './expansion-guard.js';
import { LOOK_BYTES, lookFirst } from './first-look.js';
import { CONTAINER_MAGIC_BYTES, recogniseContainer } from './image-container.js';
import type { ImageSource, OpenImageDiskOptions } from './image-source.js';
import { unpack } from './unpack.js';

const BOOT_RECORD_BYTES = 512;

/**
 * Makes sure that an open image is one that a disk may be overwritten with: it has a partition table, or is one
 * filesystem, and nothing of it is missing at the end.
 *
 * @throws ImageError `IMAGE_NOT_AN_IMAGE`, also of one that is cut off; `IMAGE_UNSUPPORTED_COMPRESSION` of another packing;
 * `IMAGE_PARTITION_TABLE`, `IMAGE_CORRUPT`, `IMAGE_UNREADABLE`.
 */
export async function assertDiskImage({ disk, path }: Pick<ImageSource, 'disk' | 'path'>): Promise<void> {
  await assertDisk(disk, path);
}

/**
 * Looks whether a file can be a disk image, early: its beginning is unpacked, nothing is converted or kept. What is cut
 * off shows as far as the length is known.
 *
 * @throws ImageError as {@link assertDiskImage}.
 */
export async function assertImageFile(
  path: string,
  options: Pick<OpenImageDiskOptions, 'signal' | 'cacheDir' | 'codec'>,
): Promise<void> {
  options.signal.throwIfAborted();
  await using file = await openRawDisk(path);
  const container = recogniseContainer(await file.read(0, Math.min(CONTAINER_MAGIC_BYTES, file.sizeBytes)));
  if (container === 'raw') {
    await assertDisk(file, path);
    return;
  }
  if (container !== 'xz') {
    await assertBeginning(lookFirst(unpack(container, file.segment(), options), path), path);
    return;
  }
  await using disk = await openXzDisk(path, options);
  const head = await disk.read(0, Math.min(LOOK_BYTES, disk.sizeBytes));
  try {
    await assertDisk(new BeginningOfDisk(head, disk.sizeBytes), path);
  } catch (error) {
    if (!isDoubtful(error)) throw error;
    await assertDisk(disk, path); // what follows may make it good, such as the backup of a table
  }
}

/** What is known of a disk of which only the beginning was read: behind it everything is taken for zeros. */
class BeginningOfDisk implements ReadableDisk {
  readonly #head: MemoryDisk;

  constructor(
    head: Buffer,
    readonly sizeBytes: number,
  ) {
    this.#head = new MemoryDisk(head);
  }

  async read(offset: number, length: number): Promise<Buffer> {
    const known = Math.max(0, Math.min(length, this.#head.sizeBytes - offset));
    const bytes = Buffer.alloc(length);
    if (known > 0) (await this.#head.read(offset, known)).copy(bytes);
    return bytes;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

async function assertBeginning(chunks: AsyncGenerator<Buffer, void, undefined>, path: string): Promise<void> {
  const head: Buffer[] = [];
  let length = 0;
  let ended = true;
  for await (const chunk of chunks) {
    head.push(chunk);
    length += chunk.length;
    if (length < LOOK_BYTES) continue;
    ended = false;
    break;
  }
  const disk = new BeginningOfDisk(Buffer.concat(head), ended ? length : MAX_RAW_BYTES);
  await assertDisk(disk, path).catch((error: unknown) => {
    if (ended || !isDoubtful(error)) throw error; // else it shows when all of it is unpacked
  });
}

/** Whether an error may come of what was not read. */
function isDoubtful(error: unknown): boolean {
  return error instanceof ImageError && ['IMAGE_PARTITION_TABLE', 'IMAGE_CORRUPT'].includes(error.code);
}

async function assertDisk(disk: ReadableDisk | RawDisk, path: string): Promise<void> {
  if (await isBlankDisk(disk)) return;
  try {
    const { scheme } = await readPartitionTable(disk);
    if (scheme === 'none') await assertFileSystem(disk, path);
  } catch (error) {
    throw cutOff(error, path) ?? inFile(error, path);
  }
}

/** A boot record without partitions is all that a disk needs to be one; a FAT has the same end mark. */
async function isBlankDisk(disk: ReadableDisk): Promise<boolean> {
  if (disk.sizeBytes < BOOT_RECORD_BYTES) return false;
  const record = parseBootRecord(await disk.read(0, BOOT_RECORD_BYTES));
  return record?.length === 0 && (await probeFileSystem(disk)) === undefined;
}

/** A disk without a table: no node starts from a filesystem but these two. */
async function assertFileSystem(disk: ReadableDisk, path: string): Promise<void> {
  const kind = await probeFileSystem(disk);
  if (kind !== 'ext4' && kind !== 'fat')
    throw new ImageError(
      'IMAGE_NOT_AN_IMAGE',
      `${path} is not a disk image: it has no partition table, only ${kind ?? 'nothing that is known'}`,
    );
  const stated = await statedBytes(disk, kind);
  if (stated > disk.sizeBytes)
    throw new ImageError(
      'IMAGE_NOT_AN_IMAGE',
      `${path} is cut off: its filesystem has ${stated} bytes, and there are ${disk.sizeBytes}`,
      { hint: CUT_OFF_HINT },
    );
}

const CUT_OFF_HINT = 'Download or copy it again, and compare its checksum.';

function cutOff(error: unknown, path: string): ImageError | undefined {
  if (!(error instanceof ImageError) || error.code !== 'IMAGE_PARTITION_TABLE') return undefined;
  const { diskBytes } = error.details;
  if (typeof diskBytes !== 'number') return undefined;
  return new ImageError('IMAGE_NOT_AN_IMAGE', `${path} is cut off: ${error.message}`, {
    cause: error,
    hint: CUT_OFF_HINT,
    details: error.details,
  });
}
