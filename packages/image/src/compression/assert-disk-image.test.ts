import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LzmaNativeCodec } from '../xz/lzma-native-codec.js';
import { assertDiskImage, assertImageFile } from './assert-disk-image.js';
import { openImageDisk } from './open-image-disk.js';

const MIB = 1024 * 1024;
const signal = new AbortController().signal;
const codec = new LzmaNativeCodec();

let directory: string;
beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'assert-image-'))));
afterEach(() => rm(directory, { recursive: true, force: true }));

/** An MBR with one partition of Linux from 1 MiB on. */
function diskImage(sizeBytes: number, partitionBytes = sizeBytes - MIB): Buffer {
  const disk = Buffer.alloc(sizeBytes);
  disk.fill('content ', MIB, 2 * MIB);
  disk.writeUInt8(0x83, 450);
  disk.writeUInt32LE(MIB / 512, 454);
  disk.writeUInt32LE(partitionBytes / 512, 458);
  disk.writeUInt16LE(0xaa55, 510);
  return disk;
}

/** A tar archive with one file; the checksum is all that the oldest kind has. */
function tar(magic: string): Buffer {
  const header = Buffer.alloc(512);
  header.write('rootfs/etc/hostname');
  header.write('0000644\0', 100);
  header.write('00000000144\0', 124);
  header.write('        ', 148);
  header.write(magic, 257);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  return Buffer.concat([header, Buffer.alloc(64 * 1024, 'x')]);
}

/** Looks at a file early, then as it is looked at before it is flashed; both must say the same. */
async function check(bytes: Buffer): Promise<string> {
  const path = join(directory, 'image');
  await writeFile(path, bytes);
  const cacheDir = join(directory, 'cache');
  const codeOf = (error: unknown): string => (error as { code: string }).code;
  const early = await assertImageFile(path, { signal, cacheDir, codec }).then(() => 'fine', codeOf);
  expect(await readdir(join(cacheDir, 'bases')).catch(() => [])).toEqual([]);
  const late = await openImageDisk(path, { signal, cacheDir, codec })
    .then(async (opened) => {
      await using source = opened;
      await assertDiskImage(source);
      return 'fine';
    })
    .catch(codeOf);
  return early === late ? early : `early ${early}, late ${late}`;
}

describe('what is no disk image', () => {
  it.each<[string, string, Buffer]>([
    ['a tar archive', 'IMAGE_NOT_AN_IMAGE', tar('ustar\0')],
    ['a tar archive of the oldest kind', 'IMAGE_NOT_AN_IMAGE', tar('')],
    ['a tar archive in gzip', 'IMAGE_NOT_AN_IMAGE', gzipSync(tar('ustar\0'))],
    [
      'a 7-Zip archive',
      'IMAGE_NOT_AN_IMAGE',
      Buffer.concat([Buffer.from('377abcaf271c0004', 'hex'), Buffer.alloc(9000, 7)]),
    ],
    ['JSON', 'IMAGE_NOT_AN_IMAGE', Buffer.from(JSON.stringify({ name: 'x'.repeat(2000) }))],
    ['a web page', 'IMAGE_NOT_AN_IMAGE', Buffer.from(`<!DOCTYPE html><html>${' '.repeat(2000)}`)],
    ['a squashfs', 'IMAGE_NOT_AN_IMAGE', Buffer.concat([Buffer.from('hsqs'), Buffer.alloc(9000, 1)])],
    ['noise', 'IMAGE_NOT_AN_IMAGE', Buffer.alloc(9000, 0x9e)],
    [
      'lz4',
      'IMAGE_UNSUPPORTED_COMPRESSION',
      Buffer.concat([Buffer.from('04224d18', 'hex'), Buffer.alloc(9000, 1)]),
    ],
    [
      'a disk of QEMU',
      'IMAGE_UNSUPPORTED_COMPRESSION',
      Buffer.concat([Buffer.from('QFI\xfb', 'latin1'), Buffer.alloc(9000)]),
    ],
    ['gzip in gzip', 'IMAGE_UNSUPPORTED_COMPRESSION', gzipSync(gzipSync(diskImage(3 * MIB)), { level: 0 })],
    ['an image that is cut off', 'IMAGE_NOT_AN_IMAGE', diskImage(3 * MIB, 4 * MIB)],
    [
      'a packed image that is cut off',
      'IMAGE_NOT_AN_IMAGE',
      gzipSync(diskImage(2 * MIB, 4 * MIB).subarray(0, 100_000)),
    ],
  ])('%s is refused with %s', async (_what, code, bytes) => {
    expect(await check(bytes)).toBe(code);
  });

  it('a packed image that is cut off far behind its beginning shows when it is unpacked', async () => {
    expect(await check(gzipSync(diskImage(3 * MIB, 4 * MIB)))).toBe('early fine, late IMAGE_NOT_AN_IMAGE');
  });
});

describe('what is one', () => {
  it.each<[string, Buffer]>([
    ['a disk with a partition', diskImage(3 * MIB)],
    ['a packed one', gzipSync(diskImage(3 * MIB))],
    ['a disk whose table is empty', gunzipSync(gzipSync(diskImage(3 * MIB, 0)))],
  ])('%s is accepted', async (_what, bytes) => {
    expect(await check(bytes)).toBe('fine');
  });
});
