import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recogniseContainer } from './image-container.js';
import { unpack } from './unpack.js';

const run = promisify(execFile);
const MIB = 1024 * 1024;
const signal = new AbortController().signal;

async function has(tool: string): Promise<boolean> {
  const found = await run(tool, ['--version']).then(
    () => true,
    () => false,
  );
  if (!found && process.env['CI'] === 'true') throw new Error(`these tests need the program ${tool}`);
  return found;
}

let directory: string;
beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'unpack-'))));
afterEach(() => rm(directory, { recursive: true, force: true }));

/** What files of images are like: noise, text, long runs, and all of it again from far away. */
function content(): Buffer {
  const noise = randomBytes(MIB);
  const text = Buffer.from(
    Array.from({ length: 30_000 }, (_, line) => `${line}: some text of ${line % 97}\n`).join(''),
  );
  return Buffer.concat([
    noise,
    text,
    Buffer.alloc(MIB),
    noise.subarray(1000),
    text.subarray(7),
    Buffer.from('end'),
  ]);
}

/** Packs what it is given, unpacks it again, and compares. */
async function roundTrip(tool: string, options: readonly string[], parts: readonly Buffer[]): Promise<void> {
  const raw = join(directory, 'raw');
  const packed = join(directory, 'packed');
  const expected = createHash('sha256');
  {
    await using file = await open(raw, 'w');
    for (const part of parts) {
      await file.write(part);
      expected.update(part);
    }
  }
  await run('sh', ['-c', `"$@" < ${raw} > ${packed}`, 'sh', tool, '-c', ...options]);
  await using file = await open(packed);
  const { size } = await file.stat();
  const head = Buffer.alloc(8);
  await file.read(head, 0, 8, 0);
  const container = recogniseContainer(head);
  if (container === 'raw' || container === 'xz') throw new Error(`recognised as ${container}`);
  const found = createHash('sha256');
  const range = { file, path: packed, offset: 0, length: size };
  for await (const chunk of unpack(container, range, { signal, cacheDir: join(directory, 'cache') }))
    found.update(chunk);
  expect(found.digest('hex')).toBe(expected.digest('hex'));
  expect(await readdir(join(directory, 'cache')).catch(() => [])).toEqual([]);
}

describe.skipIf(!(await has('zstd')))('zstd (needs zstd)', () => {
  it.each([
    ['-1'],
    ['-3', '--no-check'],
    ['-19'],
    ['--fast=9'],
    ['-22', '--ultra', '--long=27'],
    ['-3', '--long=31', '--zstd=wlog=31', '--no-content-size'],
  ])('%s %s %s %s', async (...options) => {
    await roundTrip('zstd', ['-q', ...options], [content()]);
  });

  it('a window larger than the memory for it', { timeout: 120_000 }, async () => {
    const noise = randomBytes(20 * MIB);
    const others = Array.from({ length: 8 }, (_, index) => Buffer.alloc(20 * MIB, `${index} `));
    const options = ['-q', '-1', '--long=31', '--zstd=wlog=31', '--no-content-size'];
    await roundTrip('zstd', options, [noise, ...others, noise, Buffer.from('end')]);
  });
});

describe.skipIf(!(await has('bzip2')))('bzip2 (needs bzip2)', () => {
  it.each(['-1', '-9'])('%s', async (level) => {
    await roundTrip('bzip2', [level], [content(), Buffer.alloc(MIB, 'ab')]);
  });
});
