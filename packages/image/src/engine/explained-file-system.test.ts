import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { BackendImageEngine } from './backend-image-engine.js';

const IMAGE = path.resolve(import.meta.dirname, '../../../virtual-node/base-images/rk1-ubuntu.img.xz');
const { signal } = new AbortController();

it.each([
  ['an edit that does not fit', 'root', 'IMAGE_NO_SPACE'],
  ['an edit of the FAT partition that does not fit', 'CIDATA', 'IMAGE_NO_SPACE'],
])('%s names the image and the partition', async (_, partition, code) => {
  const cacheDir = await mkdtemp(path.join(tmpdir(), 'turingpi-explained-'));
  onTestFinished(() => rm(cacheDir, { recursive: true, force: true }));
  await using session = await new BackendImageEngine().open(IMAGE, { signal, cacheDir });
  const files = await session.files(partition);
  const { freeBytes } = await files.fileSystem.usage();
  const error: unknown = await files
    .writeFile('/too-large', Buffer.alloc(freeBytes + 1))
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code,
    message: expect.stringContaining(`${IMAGE}, partition `) as string,
    details: { image: IMAGE, partition: expect.any(Number) as number },
  });
});
