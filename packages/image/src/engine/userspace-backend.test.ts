import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { UserspaceBackend } from './userspace-backend.js';

it('removes what killed runs left anywhere in the cache before it opens an image', async () => {
  const cacheDir = await mkdtemp(join(tmpdir(), 'turingpi-userspace-'));
  try {
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    for (const folder of ['.', 'downloads', 'bases', 'xz-blocks']) {
      await mkdir(join(cacheDir, folder), { recursive: true });
      await writeFile(join(cacheDir, folder, `.x.${dead}.0123456789ab.turingpi-tmp`), 'half');
      await writeFile(join(cacheDir, folder, `.x.${process.pid}.0123456789ab.turingpi-tmp`), 'being written');
    }
    const { signal } = new AbortController();
    const opening = new UserspaceBackend().open(join(cacheDir, 'none.img'), { signal, cacheDir }, 'test');
    await expect(opening).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
    const left = (await readdir(cacheDir, { recursive: true })).filter((name) => name.endsWith('-tmp'));
    expect(left).toHaveLength(4);
    expect(left.every((name) => name.includes(`.${process.pid}.`))).toBe(true);
  } finally {
    await rm(cacheDir, { recursive: true, force: true });
  }
});
