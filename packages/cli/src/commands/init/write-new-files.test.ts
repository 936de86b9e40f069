import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeNewFiles } from './write-new-files.js';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(path.join(os.tmpdir(), 'turingpi-new-files-'))));
afterEach(async () => {
  await chmod(folder, 0o700);
  await rm(folder, { recursive: true, force: true });
});

const file = (name: string, content: string, mode = 0o644) => ({
  path: path.join(folder, name),
  content,
  mode,
});
const read = (name: string) => readFile(path.join(folder, name), 'utf8');

describe('new files', () => {
  it('are written with their modes, and nothing is left beside them', async () => {
    await writeNewFiles([file('a', 'one'), file('secret', 'two', 0o600)], { overwrite: false });
    expect(await readdir(folder)).toEqual(['a', 'secret']);
    expect([await read('a'), await read('secret')]).toEqual(['one', 'two']);
    expect((await stat(path.join(folder, 'secret'))).mode & 0o777).toBe(0o600);
  });

  it('are none when one of them is there already, which stays as it is', async () => {
    await writeFile(path.join(folder, 'b'), 'mine');
    const writing = writeNewFiles([file('a', 'one'), file('b', 'two')], { overwrite: false });
    await expect(writing).rejects.toMatchObject({
      code: 'USAGE',
      hint: expect.stringContaining('--overwrite') as string,
    });
    expect(await readdir(folder)).toEqual(['b']);
    expect(await read('b')).toBe('mine');
  });

  it('replace others where that is asked for', async () => {
    await writeFile(path.join(folder, 'b'), 'mine', { mode: 0o644 });
    await writeNewFiles([file('b', 'two', 0o600)], { overwrite: true });
    expect(await read('b')).toBe('two');
    expect((await stat(path.join(folder, 'b'))).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['b']);
  });

  it('say where they cannot be written', async () => {
    const writing = writeNewFiles([file('none/a', 'one')], { overwrite: false });
    await expect(writing).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('ENOENT') as string,
    });
  });
});
