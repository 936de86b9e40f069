import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { BackendImageEngine } from '@turingpi/image';
import { baseImagePath } from '@turingpi/virtual-node';
import { editImage } from '../../../examples/edit-image.js';

it('edits an image as a library', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'edit-image-'));
  try {
    const { signal } = new AbortController();
    const cacheDir = path.join(directory, 'cache');
    const input = baseImagePath('rk1-ubuntu.img.xz');
    const before = await readFile(input);
    const output = path.join(directory, 'lab1.img.xz');
    const sha256 = await editImage(input, output, { hostname: 'lab1', cacheDir, signal });
    expect(sha256).toBe(
      createHash('sha256')
        .update(await readFile(output))
        .digest('hex'),
    );
    expect((await readFile(input)).equals(before)).toBe(true);

    await using session = await new BackendImageEngine().open(output, { cacheDir, signal });
    const root = await session.files();
    expect(String(await root.readFile('/etc/hostname'))).toBe('lab1\n');
    expect((await root.stat('/usr/local/bin/hello')).mode & 0o7777).toBe(0o755);
    expect(String(await (await session.files('CIDATA')).readFile('/meta-data'))).toBe('instance-id: lab1\n');
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
