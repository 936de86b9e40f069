import { openImageDisk, openRawDisk, OverlayDisk, readPartitionTable } from '@turingpi/image';
import { clipRanges, GPT_HEAD_BYTES, GPT_TAIL_BYTES, usedRanges } from '@turingpi/image/parts';

const READ_BYTES = 4 * 1024 * 1024;

/**
 * Compares all that is in use of an image with a disk, digit by digit, and the partitions of both; the copy of the partition
 * table belongs to the end of that very disk.
 *
 * @param path - of the file that is the disk
 * @returns A line for each range that differs.
 */
export async function differencesOnDisk(image: string, path: string, cacheDir: string): Promise<string[]> {
  const reading = { cacheDir, signal: new AbortController().signal };
  await using made = await openImageDisk(image, reading);
  await using overlay = new OverlayDisk(made.disk, { cacheDir });
  await using disk = await openRawDisk(path);
  const { sizeBytes } = made.disk;
  if (disk.sizeBytes < sizeBytes) return [`the disk has ${disk.sizeBytes} bytes, the image ${sizeBytes}`];
  const body = { offset: GPT_HEAD_BYTES, length: sizeBytes - GPT_HEAD_BYTES - GPT_TAIL_BYTES };
  const found: string[] = [];
  for (const { offset, length } of clipRanges(await usedRanges(overlay), body))
    for (let at = offset; at < offset + length; at += READ_BYTES) {
      const size = Math.min(READ_BYTES, offset + length - at);
      const [wanted, there] = [await overlay.read(at, size), await disk.read(at, size)];
      if (!wanted.equals(there)) found.push(`${size} bytes at ${at} differ`);
    }
  const wanted = await readPartitionTable(overlay);
  const there = await readPartitionTable(disk).catch(() => undefined);
  if (there === undefined) return [...found, 'no partition table'];
  if (JSON.stringify(wanted.partitions) !== JSON.stringify(there.partitions)) found.push('other partitions');
  return [...found, ...(there.notes ?? []).map((note) => `partition table: ${JSON.stringify(note)}`)];
}
