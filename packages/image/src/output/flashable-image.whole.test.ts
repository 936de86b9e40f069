import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { flashableImage } from './flashable-image.js';

const BASE = path.resolve(import.meta.dirname, '../../../virtual-node/base-images/rpi-debian.img.xz');
const { signal } = new AbortController();

let folder: string;
let cacheDir: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashable-'));
  cacheDir = await mkdtemp(path.join(tmpdir(), 'flashable-cache-'));
});
afterEach(async () => {
  for (const one of [folder, cacheDir]) await rm(one, { recursive: true, force: true });
});

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

it('has an xz file as it is, with all that a board must know beforehand', async () => {
  const image = await flashableImage(BASE, { cacheDir, signal });
  expect(image.format).toBe('xz');
  const file = await readFile(BASE);
  const { stream, ...facts } = await image.open('xz', signal);
  expect(await buffer(stream)).toEqual(file);
  expect(facts).toMatchObject({ format: 'xz', lengthBytes: file.length, sha256: sha256(file) });
  expect(facts.dictionaryBytes).toBeGreaterThan(0);
  const raw = await image.open('raw', signal); // for a board that cannot decode it
  expect(raw.rawSizeBytes).toBe(facts.rawSizeBytes);
  expect(sha256(await buffer(raw.stream))).toBe(raw.sha256);
});

it('unpacks every other packing, into the cache and not beside the file', async () => {
  const xz = await flashableImage(BASE, { cacheDir, signal });
  const disk = await buffer((await xz.open('raw', signal)).stream);
  const packed = path.join(folder, 'disk.img.gz');
  await writeFile(packed, gzipSync(disk, { level: 1 }));
  const image = await flashableImage(packed, { cacheDir, signal });
  expect(image.format).toBe('raw');
  const { stream, sha256: digest } = await image.open('raw', signal);
  expect([digest, (await buffer(stream)).equals(disk)]).toEqual([sha256(disk), true]);
  expect(await readdir(folder)).toEqual(['disk.img.gz']);
});

it('refuses what is no image of a disk', async () => {
  const page = path.join(folder, 'image.img');
  await writeFile(page, '<!doctype html><title>Not found</title>'.padEnd(4096));
  await expect(flashableImage(page, { cacheDir, signal })).rejects.toMatchObject({
    code: 'IMAGE_NOT_AN_IMAGE',
  });
});
