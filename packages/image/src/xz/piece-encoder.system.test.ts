import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSegments } from '../disk/file-segment.js';
import { ConcurrencyLimit } from './concurrency-limit.js';
import { LzmaNativeCodec } from './lzma-native-codec.js';
import { PieceEncoder } from './piece-encoder.js';
import { renderStoredBlock } from './stored-block.js';
import type { XzCheck } from './xz-check.js';
import type { XzCodec } from './xz-codec.js';
import { renderIndex } from './xz-index.js';
import { findSystemXz } from './system-xz-codec.js';
import { renderStreamFooter, renderStreamHeader } from './xz-stream-frame.js';

const system = await findSystemXz();
if (!system && process.env['CI'] === 'true') throw new Error('these tests need the xz program');
const { signal } = new AbortController();
const CHECKS: readonly XzCheck[] = ['none', 'crc32', 'crc64', 'sha256'];

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pieces-'));
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** What the xz program decodes a stream of blocks to. */
async function decodeByXz(
  check: XzCheck,
  blocks: readonly { bytes: Buffer; unpaddedBytes: number; rawBytes: number }[],
): Promise<Uint8Array> {
  const index = renderIndex(blocks);
  const bytes = blocks.map((block) => block.bytes);
  const file = join(directory, 'stream.xz');
  await writeFile(
    file,
    Buffer.concat([renderStreamHeader(check), ...bytes, index, renderStreamFooter(check, index.length)]),
  );
  const { stdout } = await execa('xz', ['--decompress', '--stdout', file], {
    encoding: 'buffer',
    stripFinalNewline: false,
  });
  return stdout;
}

describe.skipIf(!system)('a stored block (needs xz)', () => {
  it.each(CHECKS)('with check %s decodes to what it holds', async (check) => {
    const length = fc.oneof(
      fc.integer({ min: 1, max: 100 }),
      fc.constantFrom(65_535, 65_536, 65_537, 200_000),
    );
    await fc.assert(
      fc.asyncProperty(length, async (rawBytes) => {
        const raw = randomBytes(rawBytes);
        const decoded = await decodeByXz(check, [{ ...renderStoredBlock(raw, check), rawBytes }]);
        expect(raw.equals(decoded)).toBe(true);
      }),
      { numRuns: 10 },
    );
  });
});

describe.skipIf(!system)('encoding pieces (needs xz)', () => {
  const codecs: [string, XzCodec][] = [['lzma-native', new LzmaNativeCodec()]];
  if (system) codecs.unshift(['xz', system]);

  it.each(codecs)('gives one block for each, in order, coded by %s', async (_name, codec) => {
    const text = Buffer.alloc(50_000, 'some text that repeats itself\n');
    const pieces = [Buffer.alloc(70_000), randomBytes(50_000), text, Buffer.alloc(70_000), Buffer.alloc(9)];
    for (const check of CHECKS) {
      await using encoder = new PieceEncoder({
        codec,
        scratchDir: directory,
        encoding: new ConcurrencyLimit(2),
        signal,
      });
      const located = await encoder.encode(() => Promise.resolve(pieces), check);
      expect(located.map(({ block }) => block.rawBytes)).toEqual(pieces.map(({ length }) => length));
      const blocks = [];
      for (const { file, path, block } of located) {
        const { fileOffset: offset, paddedBytes: length, unpaddedBytes, rawBytes } = block;
        const parts: Buffer[] = [];
        for await (const part of readSegments([{ file, path, offset, length }])) parts.push(part);
        blocks.push({ bytes: Buffer.concat(parts), unpaddedBytes, rawBytes });
      }
      expect(Buffer.concat(pieces).equals(await decodeByXz(check, blocks))).toBe(true);
      const [zeros, noise, coded, zerosAgain] = located.map(({ block }) => block);
      expect(zerosAgain?.fileOffset).toBe(zeros?.fileOffset); // the same bytes, encoded once
      expect(noise?.unpaddedBytes).toBeGreaterThan(50_000);
      expect(coded?.unpaddedBytes).toBeLessThan(1000);
    }
    expect((await readdir(directory)).filter((name) => name.endsWith('-tmp'))).toEqual([]);
  });

  it('tells what reading the pieces failed with', async () => {
    const [codec] = codecs[0] ? [codecs[0][1]] : [];
    if (!codec) throw new Error('no codec');
    await using encoder = new PieceEncoder({
      codec,
      scratchDir: directory,
      encoding: new ConcurrencyLimit(2),
      signal,
    });
    const why = new Error('the disk went away');
    await expect(encoder.encode(() => Promise.reject(why), 'crc32')).rejects.toBe(why);
  });
});
