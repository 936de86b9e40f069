import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TuringPiError } from '@turingpi/foundation';
import { MemoryDisk } from '../disk/memory-disk.js';
import { makeExt4Disk, missingPrograms } from './ext4-image.fixture.js';
import { openExt4 } from './open-ext4.js';
import { probeExt4 } from './probe-ext4.js';

const BLOCK_SIZE = 1024;
const EXTENT_MAGIC = 0xf30a;

describe.skipIf(missingPrograms.length > 0)('openExt4', () => {
  it.each([
    ['needs_recovery', [], ['feature needs_recovery'], 'IMAGE_FILESYSTEM_DIRTY', 'needs_recovery'],
    [
      'orphan_present',
      ['-O', 'orphan_file'],
      ['feature orphan_present'],
      'IMAGE_FILESYSTEM_DIRTY',
      'orphan_present',
    ],
    ['an orphan list', [], ['ssv last_orphan 12'], 'IMAGE_FILESYSTEM_DIRTY', 'orphan list'],
    ['recorded errors', [], ['ssv state 3'], 'IMAGE_FILESYSTEM_DIRTY', 'errors'],
    ['no clean unmount', [], ['ssv state 0'], 'IMAGE_FILESYSTEM_DIRTY', 'not unmounted'],
    ['casefold', ['-O', 'casefold'], [], 'IMAGE_FILESYSTEM_UNSUPPORTED', 'casefold'],
    ['bigalloc', ['-O', 'bigalloc'], [], 'IMAGE_FILESYSTEM_UNSUPPORTED', 'bigalloc'],
    ['quota', ['-O', 'quota'], [], 'IMAGE_FILESYSTEM_UNSUPPORTED', 'quota'],
    ['project quota', ['-O', 'quota,project'], [], 'IMAGE_FILESYSTEM_UNSUPPORTED', 'project'],
    ['mmp', ['-O', 'mmp'], [], 'IMAGE_FILESYSTEM_UNSUPPORTED', 'mmp'],
    ['journal_dev', ['-O', 'journal_dev'], [], 'IMAGE_FILESYSTEM_UNSUPPORTED', 'journal_dev'],
  ])('refuses %s by name', async (_, options, commands, code, name) => {
    const disk = makeExt4Disk(8, options, commands);
    const before = Buffer.from(disk.bytes);
    await expect(openExt4(disk)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(name) as string,
    });
    expect(disk.bytes.equals(before)).toBe(true);
  });

  it('opens a filesystem with quota for reading only', async () => {
    const fs = await openExt4(makeExt4Disk(8, ['-O', 'quota']), { readOnly: true });
    expect((await fs.list('/')).map(({ name }) => name)).toContain('lost+found');
    await expect(fs.mkdir('/d')).rejects.toMatchObject({ code: 'IMAGE_OPERATION_UNSUPPORTED' });
  });

  it('tells what a filesystem is by its superblock', async () => {
    const summary = await probeExt4(makeExt4Disk(8, ['-L', 'writable']));
    expect(summary).toMatchObject({
      label: 'writable',
      uuid: '6b8b4567-327b-43c6-a438-66334873b0dc',
      dirty: false,
      features: expect.arrayContaining(['extent', 'metadata_csum']) as string[],
    });
    expect(await probeExt4(new MemoryDisk(Buffer.alloc(1 << 20)))).toBeUndefined();
    expect(await probeExt4(new MemoryDisk(Buffer.alloc(100)))).toBeUndefined();
  });

  it.each([
    ['block size', 0x18, 21],
    ['block size of 64 KiB', 0x18, 6],
    ['no blocks', 0x4, 0],
    ['more blocks than the disk', 0x4, 0xffffffff],
    ['no blocks per group', 0x20, 0],
    ['no inodes per group', 0x28, 0],
    ['too many inodes per group', 0x28, 0xfffffff8],
    ['no inodes', 0x0, 0],
    ['first data block', 0x14, 7],
    ['first inode', 0x54, 0xffffffff],
  ])('refuses a superblock with an impossible %s', async (_, offset, value) => {
    const disk = makeExt4Disk(8, ['-O', '^metadata_csum']);
    disk.bytes.writeUInt32LE(value, 1024 + offset);
    await expect(openExt4(disk)).rejects.toMatchObject({ code: /^IMAGE_FILESYSTEM_(CORRUPT|UNSUPPORTED)$/ });
  });

  it('refuses a wrong superblock checksum and a truncated image', async () => {
    const disk = makeExt4Disk(8, []);
    const cut = new MemoryDisk(Buffer.from(disk.bytes.subarray(0, 4 << 20)));
    await expect(openExt4(cut)).rejects.toMatchObject({ code: 'IMAGE_FILESYSTEM_CORRUPT' });
    disk.bytes.writeUInt8(1, 1024 + 0x78);
    await expect(openExt4(disk)).rejects.toMatchObject({ code: 'IMAGE_FILESYSTEM_CORRUPT' });
  });

  it('refuses a node of an extent tree whose checksum would lie outside of its block', async () => {
    const disk = await makeFilledDisk([]);
    for (let at = 0; at < disk.bytes.length; at += BLOCK_SIZE)
      if (disk.bytes.readUInt16LE(at) === EXTENT_MAGIC) disk.bytes.writeUInt16LE(85, at + 4);
    const fs = await openExt4(disk);
    await expect(fs.list('/d')).rejects.toMatchObject({ code: 'IMAGE_FILESYSTEM_CORRUPT' });
  });

  it.each([
    ['with checksums', []],
    ['without checksums', ['-O', '^metadata_csum,^uninit_bg']],
    ['with indirect blocks', ['-O', '^metadata_csum,^extent,^64bit']],
    ['with inline data', ['-O', '^metadata_csum,inline_data']],
  ])('answers a damaged filesystem %s with a result or an error of its own', async (_, options) => {
    const base = await makeFilledDisk(options);
    // Bytes that are not zero are where a change does most.
    const places: number[] = [];
    base.bytes.forEach((byte, offset) => {
      if (byte !== 0 && byte !== 'f'.charCodeAt(0)) places.push(offset);
    });
    const damage = fc.array(fc.tuple(fc.nat(places.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(damage, async (changes) => {
        const disk = new MemoryDisk(Buffer.from(base.bytes));
        for (const [place, value] of changes) disk.bytes.writeUInt8(value, places[place]);
        const started = Date.now();
        try {
          const fs = await openExt4(disk);
          const attempts = [
            () => fs.list('/d'),
            () => fs.readFile('/f'),
            () => fs.readLink('/l'),
            () => fs.writeFile('/f', Buffer.alloc(900_000)),
            () => fs.writeFile('/d/new', Buffer.alloc(10_000)),
            () => fs.rename('/d/e', '/small/e'),
            () => fs.remove('/l'),
            () => fs.flush(),
            () => fs.selfCheck(),
          ];
          for (const attempt of attempts) await attempt().catch(expectOwnError);
        } catch (error) {
          expectOwnError(error);
        }
        expect(Date.now() - started).toBeLessThan(10_000);
      }),
      { numRuns: 150 },
    );
  });
});

/** A small filesystem with an indexed directory whose mapping needs a block of its own, a file and a link. */
async function makeFilledDisk(options: readonly string[]): Promise<MemoryDisk> {
  const disk = makeExt4Disk(4, ['-b', `${BLOCK_SIZE}`, ...options]);
  const fs = await openExt4(disk);
  for (const name of ['/d', '/d/e', '/small']) await fs.mkdir(name);
  for (let index = 0; index < 60; index++)
    await fs.writeFile(`/d/${'n'.repeat(40)}${index}`, Buffer.alloc(500));
  await fs.writeFile('/f', Buffer.alloc(600_000, 'f'));
  await fs.symlink('l'.repeat(100), '/l');
  await fs.flush();
  return disk;
}

function expectOwnError(error: unknown): void {
  if (!TuringPiError.is(error)) throw error;
  expect(error.code).toMatch(/^IMAGE_/);
}
