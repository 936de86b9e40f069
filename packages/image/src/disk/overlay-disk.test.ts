import { mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OverlayDisk, OVERLAY_PAGE_BYTES, overlapsAny } from './overlay-disk.js';
import { PartitionDisk, ReadablePartitionDisk } from './partition-disk.js';
import { openRawDisk } from './raw-disk.js';

let directory: string;
const base = Buffer.from(Array.from({ length: 10 * OVERLAY_PAGE_BYTES + 100 }, (_, index) => index % 251));
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'overlay-'));
  await writeFile(join(directory, 'base'), base);
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe('an overlay of writes', () => {
  it.each([
    ['in memory', undefined],
    ['mostly spilled to a scratch file', 2 * OVERLAY_PAGE_BYTES],
  ])('reads like a plain array after any writes, %s', async (_where, memoryBytes) => {
    const range = fc.tuple(fc.nat({ max: base.length }), fc.nat({ max: 9000 }), fc.nat({ max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.array(range, { maxLength: 12 }), range, async (writes, [at, wanted]) => {
        await using disk = await openRawDisk(join(directory, 'base'));
        await using overlay = new OverlayDisk(disk, {
          cacheDir: directory,
          ...(memoryBytes ? { memoryBytes } : {}),
        });
        const model = Buffer.from(base);
        for (const [offset, length, value] of writes) {
          const data = Buffer.alloc(Math.min(length, base.length - offset), value);
          await overlay.write(offset, data);
          data.copy(model, offset);
          data.fill(0xee); // the caller may reuse it
        }
        const length = Math.min(wanted, base.length - at);
        expect((await overlay.read(at, length)).equals(model.subarray(at, at + length))).toBe(true);
        expect((await overlay.read(0, base.length)).equals(model)).toBe(true);
        expect((await disk.read(0, base.length)).equals(base)).toBe(true);
        const dirty = overlay.dirtyRanges();
        const missed = model.findIndex(
          (byte, offset) => byte !== base[offset] && !overlapsAny(dirty, offset, 1),
        );
        expect(missed).toBe(-1);
        for (const [index, next] of dirty.slice(1).entries()) {
          expect(next.offset).toBeGreaterThan(dirty[index]!.offset + dirty[index]!.length);
        }
      }),
      { numRuns: 40 },
    );
    expect((await readdir(directory)).filter((name) => name.endsWith('-tmp'))).toEqual([]);
  });

  it('refuses what is not inside', async () => {
    await using disk = await openRawDisk(join(directory, 'base'));
    await using overlay = new OverlayDisk(disk, { cacheDir: directory });
    const outside = { code: 'IMAGE_CORRUPT' };
    await expect(overlay.write(base.length - 1, Buffer.alloc(2))).rejects.toMatchObject(outside);
    await expect(overlay.read(-1, 1)).rejects.toMatchObject(outside);
    await expect(overlay.read(0, 2 ** 53)).rejects.toMatchObject(outside);
    expect(overlay.dirtyRanges()).toEqual([]);
  });
});

describe('a partition', () => {
  it('is a range of its disk, and nothing of it lies outside', async () => {
    await using disk = await openRawDisk(join(directory, 'base'));
    await using overlay = new OverlayDisk(disk, { cacheDir: directory });
    await using partition = new PartitionDisk(overlay, 1000, 500);
    await partition.write(10, Buffer.from('here'));
    expect((await overlay.read(1010, 4)).toString()).toBe('here');
    expect((await partition.read(10, 4)).toString()).toBe('here');
    await expect(partition.read(499, 2)).rejects.toMatchObject({ code: 'IMAGE_CORRUPT' });
    await expect(partition.write(-1, Buffer.alloc(1))).rejects.toMatchObject({ code: 'IMAGE_CORRUPT' });
    expect(() => new ReadablePartitionDisk(disk, base.length - 1, 2)).toThrow(
      expect.objectContaining({ code: 'IMAGE_CORRUPT' }),
    );
  });
});

describe('a raw disk', () => {
  it('writes into its file when asked to', async () => {
    const path = join(directory, 'writable');
    await writeFile(path, base);
    await using disk = await openRawDisk(path, { writable: true });
    await disk.write(100, Buffer.from('text'));
    const file = await open(path);
    const bytes = Buffer.alloc(4);
    await file.read(bytes, 0, 4, 100);
    await file.close();
    expect(bytes.toString()).toBe('text');
  });

  it.each([
    ['missing', 'IMAGE_NOT_FOUND'],
    ['.', 'IMAGE_NOT_AN_IMAGE'],
  ])('tells what is wrong with %s', async (name, code) => {
    await expect(openRawDisk(join(directory, name))).rejects.toMatchObject({ code });
  });
});
