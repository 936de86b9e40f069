import { randomBytes } from 'node:crypto';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConcurrencyLimit } from './concurrency-limit.js';
import { cutBlock } from './cut-block.js';
import { PieceEncoder } from './piece-encoder.js';
import { ProgressiveBlock } from './progressive-block.js';
import { findSystemXz } from './system-xz-codec.js';
import { excerptBlocks } from './xz-excerpt.js';
import { readXzLayout } from './xz-layout.js';

const system = await findSystemXz();
if (!system && process.env['CI'] === 'true') throw new Error('these tests need the xz program');
const { signal } = new AbortController();
const KIB = 1024;
const PIECE_BYTES = 64 * KIB;

describe.skipIf(!system)('cutting a block into pieces (needs xz)', () => {
  let directory: string;
  let raw: Buffer;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cut-block-'));
    raw = Buffer.alloc(900 * KIB + 5);
    for (let at = 0; at < raw.length; at += 150 * KIB) {
      randomBytes(40 * KIB).copy(raw, at);
      raw.fill(`line ${at} of text\n`, at + 40 * KIB, Math.min(raw.length, at + 100 * KIB));
    }
    await writeFile(join(directory, 'raw'), raw);
  });
  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  /** @returns Raw sizes of the blocks of the result, and what it decodes to. */
  async function cut(
    args: readonly string[],
    keepBytes: number,
  ): Promise<{ sizes: number[]; decoded: Uint8Array }> {
    if (!system) throw new Error('no xz');
    const path = join(directory, 'base.xz');
    await execa('xz', ['--stdout', '-T1', ...args, join(directory, 'raw')], { stdout: { file: path } });
    const file = await open(path);
    const target = await open(join(directory, 'pieces.xz'), 'w+');
    const limits = { encoding: new ConcurrencyLimit(2), decoding: new ConcurrencyLimit(2) };
    try {
      const [block] = (await readXzLayout(file, path, (await file.stat()).size)).blocks;
      if (!block) throw new Error('no block');
      const excerpt = await excerptBlocks(file, path, [block]);
      await using decoded = await ProgressiveBlock.begin(system, excerpt, {
        path,
        signal,
        scratchDir: directory,
        decoding: limits.decoding,
      });
      await using encoder = new PieceEncoder({
        codec: system,
        scratchDir: directory,
        encoding: limits.encoding,
        signal,
      });
      const options = { pieceBytes: PIECE_BYTES, keepBytes, signal };
      await cutBlock({ file, path, block }, decoded, encoder, target, options);
      const { blocks } = await readXzLayout(target, 'pieces', (await target.stat()).size);
      const { stdout } = await execa('xz', ['--decompress', '--stdout', join(directory, 'pieces.xz')], {
        encoding: 'buffer',
        stripFinalNewline: false,
      });
      return { sizes: blocks.map(({ rawBytes }) => rawBytes), decoded: stdout };
    } finally {
      await file.close();
      await target.close();
    }
  }

  it.each(['none', 'crc32', 'crc64', 'sha256'])(
    'gives the same data with check %s, wherever the first edit is',
    async (check) => {
      await fc.assert(
        fc.asyncProperty(fc.nat({ max: raw.length }), async (keepBytes) => {
          const { sizes, decoded } = await cut(['-6', `--check=${check}`], keepBytes);
          expect(raw.equals(decoded)).toBe(true);
          const [first = 0, ...others] = sizes;
          if (first !== PIECE_BYTES) expect(first).toBeLessThanOrEqual(keepBytes);
          for (const size of others.slice(0, -1)) expect(size).toBe(PIECE_BYTES);
        }),
        { numRuns: 6 },
      );
    },
  );

  it('keeps as one piece what comes before the first edit', async () => {
    const { sizes } = await cut(['-6'], 700 * KIB);
    expect(sizes[0]).toBeGreaterThan(400 * KIB);
    expect(sizes[0]).toBeLessThanOrEqual(700 * KIB);
  });

  it('encodes all of a block with another filter, which cannot be cut', async () => {
    const { sizes, decoded } = await cut(['--delta=dist=4', '--lzma2=preset=0'], 700 * KIB);
    expect(sizes[0]).toBe(PIECE_BYTES);
    expect(raw.equals(decoded)).toBe(true);
  });

  it('refuses a block whose check is wrong, before anything took its place', async () => {
    if (!system) return;
    const path = join(directory, 'damaged.xz');
    await execa('xz', ['--stdout', '-T1', '-6', join(directory, 'raw')], { stdout: { file: path } });
    const bytes = await readFile(path);
    const at = bytes.length / 2 - ((bytes.length / 2) % 4);
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    await writeFile(path, bytes);
    const file = await open(path);
    const target = await open(join(directory, 'never.xz'), 'w+');
    try {
      const [block] = (await readXzLayout(file, path, bytes.length)).blocks;
      if (!block) throw new Error('no block');
      const options = { path, signal, scratchDir: directory, decoding: new ConcurrencyLimit(1) };
      await using decoded = await ProgressiveBlock.begin(
        system,
        await excerptBlocks(file, path, [block]),
        options,
      );
      await using encoder = new PieceEncoder({
        codec: system,
        scratchDir: directory,
        encoding: new ConcurrencyLimit(1),
        signal,
      });
      const cutting = cutBlock({ file, path, block }, decoded, encoder, target, {
        pieceBytes: PIECE_BYTES,
        keepBytes: raw.length,
        signal,
      });
      await expect(cutting).rejects.toMatchObject({ code: 'IMAGE_CORRUPT' });
    } finally {
      await file.close();
      await target.close();
    }
  });
});
