import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recogniseContainer } from './image-container.js';
import { unpack } from './unpack.js';

/** Made by `bzip2 -9` of bzip2 1.0.8. */
const HELLO = Buffer.from(
  '425a68393141592653599c453ed3000003910040040244a00021223030065227e454585dc914e142427114fb4c',
  'hex',
);
/** As well, of 45 MB of zeros. */
const ZEROS = Buffer.from(
  '425a6839314159265359c901b6c80158ab4020c00010000008200030cc0529a65248526c5492149e2ee48a70a12192036d90',
  'hex',
);
const ZEROS_BYTES = 45_000_000;
/** What `pzstd` writes first: a skippable frame with the length of the next one. */
const SKIPPABLE = Buffer.from('502a4d180400000011000000', 'hex');
/** A frame of one stored block. */
const ZSTD_HELLO = Buffer.concat([Buffer.from('28b52ffd2005290000', 'hex'), Buffer.from('hello')]);

const signal = new AbortController().signal;
let directory: string;
beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'unpack-'))));
afterEach(() => rm(directory, { recursive: true, force: true }));

/** Unpacks bytes; tells what came of it, and the longest chunk. */
async function unpacked(bytes: Buffer): Promise<{ length: number; longest: number; start: string }> {
  const path = join(directory, 'packed');
  await writeFile(path, bytes);
  await using file = await open(path);
  const container = recogniseContainer(bytes);
  if (container === 'raw' || container === 'xz') throw new Error('not packed');
  const result = { length: 0, longest: 0, start: '' };
  for await (const chunk of unpack(
    container,
    { file, path, offset: 0, length: bytes.length },
    { signal, cacheDir: directory },
  )) {
    if (result.length === 0) result.start = chunk.toString('latin1', 0, 20);
    result.length += chunk.length;
    result.longest = Math.max(result.longest, chunk.length);
  }
  return result;
}

describe('bzip2', () => {
  it('is decoded, also several streams one behind the other', async () => {
    expect(await unpacked(HELLO)).toMatchObject({ length: 19, start: 'hello, hello, hello' });
    expect(await unpacked(Buffer.concat([HELLO, HELLO]))).toMatchObject({ length: 38 });
  });

  it('comes in small chunks, however far a block expands', async () => {
    const { length, longest } = await unpacked(ZEROS);
    expect(length).toBe(ZEROS_BYTES);
    expect(longest).toBeLessThanOrEqual(1 << 20);
  });

  it('is damaged wherever it is cut off', async () => {
    for (const length of [4, 9, 20, 33, HELLO.length - 1])
      await expect(unpacked(HELLO.subarray(0, length))).rejects.toMatchObject({
        code: 'IMAGE_CORRUPT',
        message: expect.stringContaining('cut off') as string,
      });
  });

  it('is damaged when something else follows, or a bit is another', async () => {
    await expect(unpacked(Buffer.concat([HELLO, Buffer.from('BZ')]))).rejects.toMatchObject({
      code: 'IMAGE_CORRUPT',
    });
    for (const at of [5, 12, HELLO.length - 3]) {
      const altered = Buffer.from(HELLO);
      altered[at]! ^= 0x10;
      await expect(unpacked(altered)).rejects.toMatchObject({ code: 'IMAGE_CORRUPT' });
    }
  });
});

describe('zstd', () => {
  it('may begin with a skippable frame, as files of pzstd do', async () => {
    expect(recogniseContainer(SKIPPABLE)).toBe('zst');
    expect(await unpacked(Buffer.concat([SKIPPABLE, ZSTD_HELLO]))).toMatchObject({
      length: 5,
      start: 'hello',
    });
  });

  it('with a dictionary is not supported, which is no damage', async () => {
    const withDictionary = Buffer.from(ZSTD_HELLO);
    withDictionary[4]! |= 1;
    await expect(unpacked(withDictionary)).rejects.toMatchObject({ code: 'IMAGE_UNSUPPORTED_COMPRESSION' });
  });
});
