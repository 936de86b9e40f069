import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTuringPi, recordedImages } from '@turingpi/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PROGRAM_DIR } from '../process/program-dir.js';
import { cacheFindings, mendCache, recordFindings } from './local-records.js';

let cacheDir: string;
beforeEach(async () => {
  cacheDir = await mkdtemp(path.join(tmpdir(), 'turingpi-records-'));
});
afterEach(() => rm(cacheDir, { recursive: true, force: true }));
const signal = new AbortController().signal;

it('records that are not whole are found, with where to read on, and no others', async () => {
  const node1 = { ip: '192.0.2.91', board: 'rk1', os: 'ubuntu' };
  await using cluster = await createTuringPi(
    { ip: '192.0.2.90', cacheDir, node1 },
    { baseDir: cacheDir, programDir: PROGRAM_DIR },
  );
  expect(await recordFindings(cluster, signal)).toEqual([]);
  await writeFile(path.join(cacheDir, 'tpi_state.json'), '{');
  expect(await recordFindings(cluster, signal)).toEqual([
    expect.objectContaining({
      ...{ code: 'LOCAL_RECORDS', severity: 'error', fixable: false },
      hint: expect.stringContaining('turingpi explain STATE_UNREADABLE') as string,
    }),
  ]);
});

it('what others may read in the cache is found and protected, and what is damaged removed', async () => {
  await mkdir(path.join(cacheDir, 'xz-blocks'));
  const put = async (sha256: string, mode: number) => {
    const file = path.join(cacheDir, 'xz-blocks', `${'c'.repeat(64)}-${sha256}.xz`);
    await writeFile(file, 'a block', { mode });
    return file;
  };
  const sound = await put(createHash('sha256').update('a block').digest('hex'), 0o644);
  const damaged = await put('d'.repeat(64), 0o600);
  const location = { cacheDir, recorded: await recordedImages(cacheDir) };
  const found = await cacheFindings(location, signal);
  expect(found.map(({ code, message, fixable }) => ({ code, message, fixable }))).toEqual(
    expect.arrayContaining([
      { code: 'LOCAL_CACHE', message: `${sound} may be read by others`, fixable: true },
      { code: 'LOCAL_CACHE', message: `${damaged} is damaged`, fixable: true },
    ]),
  );
  expect((await mendCache(location, signal)).toSorted()).toEqual([
    `protected ${sound}`,
    `removed ${damaged}`,
  ]);
  expect((await stat(sound)).mode & 0o777).toBe(0o600);
  expect(await cacheFindings(location, signal)).toEqual([]);
});
