import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MemoryDisk, openFat, PartitionDisk } from '@turingpi/image';
import { formatFat, renderGpt } from '@turingpi/image/parts';

const MIB = 1024 * 1024;
const IMAGE_BYTES = 64 * MIB;

/** Makes an image for a node to pull: a boot loader, and one partition with a kernel. @returns Its path, `.img.xz`. */
export async function makePulledImage(
  directory: string,
  { diskId, kernel }: { readonly diskId: string; readonly kernel: Buffer },
): Promise<string> {
  const disk = new MemoryDisk(Buffer.alloc(IMAGE_BYTES));
  const part = { offsetBytes: 16 * MIB, sizeBytes: 40 * MIB };
  const type = '0FC63DAF-8483-4772-8E79-3D69D8477DE4';
  const { head, tail } = renderGpt(
    diskId,
    [{ ...part, type, uuid: randomUUID(), name: 'root' }],
    IMAGE_BYTES,
  );
  head.copy(disk.bytes);
  tail.copy(disk.bytes, IMAGE_BYTES - tail.length);
  disk.bytes.write('boot loader', 64 * 512);
  const partition = new PartitionDisk(disk, part.offsetBytes, part.sizeBytes);
  await formatFat(partition, { label: 'root', volumeId: 7 });
  await using files = await openFat(partition);
  await files.writeFile('/kernel', kernel);
  await files.flush();
  const raw = join(directory, 'image.img');
  await writeFile(raw, disk.bytes);
  execFileSync('xz', ['-0', '-T2', '--block-size=2MiB', raw]);
  return `${raw}.xz`;
}
