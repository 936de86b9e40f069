import { randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openImageDisk } from '../compression/open-image-disk.js';
import { MemoryDisk } from '../disk/memory-disk.js';
import { fsck, makeExt4Disk, missingPrograms } from '../ext4/ext4-image.fixture.js';
import { openExt4 } from '../ext4/open-ext4.js';
import { formatFat } from '../fat/format-fat.js';
import { openFat } from '../fat/fat-file-system.js';
import { PartitionDisk } from '../disk/partition-disk.js';
import { renderGpt } from '../partition/write-gpt.js';
import { cutIntoParcels } from './cut-into-parcels.js';
import { gapsBetween } from './range-set.js';
import { usedRanges } from './used-ranges.js';

const MIB = 1024 * 1024;
const signal = new AbortController().signal;
const UUID = '6b8b4567-327b-43c6-a438-66334873b0dc';
const content = randomBytes(3 * MIB);

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'used-'));
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** A boot loader before the partitions, a FAT, and an ext4 with a file that leaves most of it free. */
async function diskImage(ext4Options: readonly string[]): Promise<MemoryDisk> {
  const ext4 = makeExt4Disk(24, ext4Options);
  {
    await using files = await openExt4(ext4);
    await files.writeFile('/kept', content);
    await files.writeFile('/removed', randomBytes(MIB));
    await files.remove('/removed');
    await files.flush();
  }
  const disk = new MemoryDisk(Buffer.alloc(56 * MIB));
  disk.bytes.write('boot loader', 64 * 512);
  const fat = { offsetBytes: 2 * MIB, sizeBytes: 16 * MIB };
  const root = { offsetBytes: 24 * MIB, sizeBytes: 24 * MIB };
  const type = '0FC63DAF-8483-4772-8E79-3D69D8477DE4';
  const partitions = [
    { ...fat, type, uuid: UUID, name: 'boot' },
    { ...root, type, uuid: UUID.replace('6', '7'), name: 'root' },
  ];
  const { head, tail } = renderGpt(UUID, partitions, disk.sizeBytes);
  head.copy(disk.bytes);
  tail.copy(disk.bytes, disk.sizeBytes - tail.length);
  const partition = new PartitionDisk(disk, fat.offsetBytes, fat.sizeBytes);
  await formatFat(partition, { label: 'boot', volumeId: 1 });
  await using files = await openFat(partition);
  await files.writeFile('/kernel', content.subarray(0, MIB));
  await files.flush();
  ext4.bytes.copy(disk.bytes, root.offsetBytes);
  return disk;
}

async function expectIntact(disk: MemoryDisk): Promise<void> {
  expect(disk.bytes.toString('latin1', 64 * 512, 64 * 512 + 11)).toBe('boot loader');
  await using fat = await openFat(new PartitionDisk(disk, 2 * MIB, 16 * MIB));
  expect((await fat.readFile('/kernel')).equals(content.subarray(0, MIB))).toBe(true);
  const ext4 = new MemoryDisk(Buffer.from(disk.bytes.subarray(24 * MIB, 48 * MIB)));
  expect(fsck(ext4)).toBe('');
  await using root = await openExt4(ext4);
  expect((await root.readFile('/kept')).equals(content)).toBe(true);
}

describe.skipIf(missingPrograms.length > 0)('what of a disk image is in use (needs e2fsprogs)', () => {
  it.each([
    ['as it comes', []],
    ['blocks of 1 KiB', ['-b', '1024']],
    ['without checksums', ['-O', '^metadata_csum,^64bit']],
    ['like ext3', ['-O', '^extent,^64bit,^flex_bg,^uninit_bg,^metadata_csum']],
    ['meta_bg', ['-O', 'meta_bg,^resize_inode']],
  ])('is all that a filesystem needs: the rest may be anything (%s)', async (_name, options) => {
    const disk = await diskImage(options);
    const used = await usedRanges(disk);
    const free = gapsBetween(used, disk.sizeBytes);
    for (const { offset, length } of free) randomBytes(length).copy(disk.bytes, offset);
    await expectIntact(disk);
    const freeBytes = free.reduce((sum, { length }) => sum + length, 0);
    expect(freeBytes).toBeGreaterThan(20 * MIB);
  });

  it.each([
    ['raw', []],
    ['xz', ['--block-size=3MiB']],
    // As a block is spliced that was changed in its midst.
    ['xz', ['--block-list=24MiB,1000001,8437183,3MiB']],
  ] as const)('travels in parcels that give the image again (%s %j)', async (encoding, blocks) => {
    const disk = await diskImage([]);
    let path = join(directory, 'image.img');
    await writeFile(path, disk.bytes);
    if (encoding === 'xz') {
      execFileSync('xz', ['-0', '-k', '-f', '-T2', ...blocks, path]);
      path = `${path}.xz`;
    }
    await using source = await openImageDisk(path, { cacheDir: directory, signal });
    const parcels = await cutIntoParcels(source, await usedRanges(disk));
    const target = new MemoryDisk(randomBytes(disk.sizeBytes));
    for (const parcel of parcels) {
      expect(parcel.range.offset % 65_536).toBe(0); // else a node would write byte by byte
      const chunks: Buffer[] = [];
      const from = Math.floor(parcel.transferBytes / 3); // as after a connection that broke
      for await (const chunk of parcel.read(signal)) chunks.push(chunk);
      const whole = Buffer.concat(chunks);
      const rest: Buffer[] = [];
      for await (const chunk of parcel.read(signal, from)) rest.push(chunk);
      expect(Buffer.concat(rest).equals(whole.subarray(from))).toBe(true);
      expect(whole.length).toBe(parcel.transferBytes);
      const decoded =
        encoding === 'raw'
          ? whole
          : execFileSync('xz', ['-dc'], { input: whole, maxBuffer: 64 * MIB, stdio: 'pipe' });
      expect(decoded.length).toBe(parcel.range.length);
      for (const { offset, length } of parcel.used)
        await target.write(
          offset,
          decoded.subarray(offset - parcel.range.offset, offset - parcel.range.offset + length),
        );
    }
    await expectIntact(target);
    const travels = parcels.reduce((sum, { range }) => sum + range.length, 0);
    expect(travels).toBeLessThan(40 * MIB);
    expect((await readFile(path)).length).toBeGreaterThan(0);
  });
});
