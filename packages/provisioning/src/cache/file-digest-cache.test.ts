import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FileDigestCache } from './file-digest-cache.js';

it('computes again where nothing can be remembered, and fails nothing', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'turingpi-digests-'));
  const file = join(directory, 'image');
  await writeFile(file, 'x');
  const cache = new FileDigestCache(file); // nobody can write there, not even root
  await expect(cache.remember(file, 'a'.repeat(64))).resolves.toBeUndefined();
  expect(await cache.knows(file)).toBe(false);
  expect(await cache.digest(file, () => Promise.resolve('b'.repeat(64)))).toBe('b'.repeat(64));
  await rm(directory, { recursive: true });
});
