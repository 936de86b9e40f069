import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openImageDisk } from '../compression/open-image-disk.js';
import { ImageError } from '../image-error.js';
import { writeImage } from '../output/write-image.js';
import { LzmaNativeCodec } from './lzma-native-codec.js';
import { renderIndex } from './xz-index.js';
import { renderStreamFooter, renderStreamHeader } from './xz-stream-frame.js';
import type { XzCodec } from './xz-codec.js';
import { findSystemXz } from './system-xz-codec.js';
import { OverlayDisk } from '../disk/overlay-disk.js';
import { openXzDisk } from './open-xz-disk.js';

const run = promisify(execFile);
const system = await findSystemXz();
if (!system && process.env['CI'] === 'true') throw new Error('these tests need the xz program');
const signal = new AbortController().signal;
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const KIB = 1024;
const MIB = 1024 * KIB;

describe.skipIf(!system)('an .xz read at random (needs xz)', () => {
  let directory: string;
  let cacheDir: string;
  let image: Buffer;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'xz-disk-'));
    cacheDir = join(directory, 'cache');
    image = Buffer.alloc(3 * MIB + 123);
    for (let at = 0; at < image.length - 99_000; at += 400_000) randomBytes(90_000).copy(image, at);
    await writeFile(join(directory, 'image'), image);
  });
  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  async function xz(bytes: Buffer, ...args: string[]): Promise<Buffer> {
    const path = join(directory, 'part');
    await writeFile(path, bytes);
    const { stdout } = await run('xz', ['-c', ...args, path], { encoding: 'buffer', maxBuffer: 64 * MIB });
    return stdout;
  }

  async function save(name: string, ...parts: Buffer[]): Promise<string> {
    const path = join(directory, name);
    await writeFile(path, Buffer.concat(parts));
    return path;
  }

  /** Two streams of different checks, blocks of both sorts (cut into pieces or not), padding between and after. */
  async function severalStreams(): Promise<string> {
    return save(
      'several.xz',
      await xz(image.subarray(0, MIB), '-0', '-T2', '--block-size=100KiB', '--check=crc32'),
      Buffer.alloc(8),
      await xz(Buffer.alloc(0), '--check=crc64'),
      await xz(image.subarray(MIB), '-6', '-T2', '--block-size=900KiB', '--check=sha256'),
      Buffer.alloc(4),
    );
  }

  it.each([
    ['xz', system],
    ['lzma-native', new LzmaNativeCodec()],
    ['the codecs that are chosen', undefined],
  ])('gives the bytes of any range, decoded by %s', async (_name, codec) => {
    await using disk = await openXzDisk(await severalStreams(), {
      cacheDir,
      signal,
      ...(codec ? { codec } : {}),
    });
    expect(disk.sizeBytes).toBe(image.length);
    const range = fc.tuple(fc.nat({ max: image.length }), fc.nat({ max: 300_000 }));
    await fc.assert(
      fc.asyncProperty(range, async ([offset, wanted]) => {
        const length = Math.min(wanted, image.length - offset);
        expect((await disk.read(offset, length)).equals(image.subarray(offset, offset + length))).toBe(true);
      }),
      { numRuns: 25 },
    );
    await expect(disk.read(image.length - 1, 2)).rejects.toMatchObject({ code: 'IMAGE_CORRUPT' });
  });

  it('keeps a dozen decoders waiting without a warning', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on('warning', note);
    try {
      const large = Buffer.alloc(14 * MIB);
      const path = await save('dozen.xz', await xz(large, '-0', '-T2', '--block-size=1MiB'));
      await using disk = await openXzDisk(path, { cacheDir, signal });
      for (let block = 0; block < 14; block++) await disk.read(block * MIB, 100);
      await new Promise(setImmediate); // warnings are told a turn later
      expect(warnings).toEqual([]);
    } finally {
      process.off('warning', note);
    }
  });

  it('keeps streams and checks when it is written with edits', async () => {
    const path = await severalStreams();
    await using source = await openImageDisk(path, { cacheDir, signal });
    await using overlay = new OverlayDisk(source.disk, { cacheDir });
    const expected = Buffer.from(image);
    for (const at of [50 * KIB, MIB - 2, 2 * MIB, image.length - 4]) {
      await overlay.write(at, Buffer.from('edit'));
      expected.write('edit', at);
    }
    const target = join(directory, 'out.xz');
    const saved = await writeImage(source, overlay, target, { format: 'xz', signal, rawDigest: true });
    expect(saved.rawSha256).toBe(sha256(expected));
    await run('xz', ['-t', target]);
    const { stdout } = await run('xz', ['--robot', '-l', target]);
    expect(stdout).toMatch(/^file\t3\t.*\tCRC32,CRC64,SHA-256\t0$/m);
  });

  it('makes damaged pieces in the cache again', async () => {
    const path = await save('blocks.xz', await xz(image, '-0', '-T2', '--block-size=1MiB'));
    const edited = Buffer.from(image);
    edited.write('edit', 700_000);
    for (const damage of [false, true]) {
      const pieces = join(cacheDir, 'xz-blocks');
      if (damage) for (const name of await readdir(pieces)) await writeFile(join(pieces, name), 'damaged');
      await using source = await openImageDisk(path, { cacheDir, signal });
      await using overlay = new OverlayDisk(source.disk, { cacheDir });
      await overlay.write(700_000, Buffer.from('edit'));
      const saved = await writeImage(source, overlay, join(directory, 'o.xz'), {
        format: 'xz',
        signal,
        rawDigest: true,
      });
      expect(saved.rawSha256).toBe(sha256(edited));
    }
  });

  it('cuts again where a later node edits what the first one left alone', async () => {
    const path = await save('later.xz', await xz(image, '-6', '-T2', '--block-size=3MiB'));
    for (const at of [2_800_000, 1_700_000, 2_900_000, 100]) {
      const edited = Buffer.from(image);
      edited.write('edit', at);
      await using source = await openImageDisk(path, { cacheDir: join(directory, 'later'), signal });
      await using overlay = new OverlayDisk(source.disk, { cacheDir });
      await overlay.write(at, Buffer.from('edit'));
      const target = join(directory, 'later-out.xz');
      const saved = await writeImage(source, overlay, target, { format: 'xz', signal, rawDigest: true });
      expect(saved.rawSha256).toBe(sha256(edited));
      await run('xz', ['-t', target]);
    }
  });

  it('decodes a block no further than it is read', async () => {
    const noise = randomBytes(8 * MIB);
    const path = await save('far.xz', await xz(noise, '-0', '-T1'));
    let decodedBytes = 0;
    const counting: XzCodec = {
      name: 'xz',
      async *decode(...args) {
        for await (const chunk of system!.decode(...args)) {
          decodedBytes += chunk.length;
          yield chunk;
        }
      },
      encodeToFile: (...args) => system!.encodeToFile(...args),
    };
    await using disk = await openXzDisk(path, { cacheDir: join(directory, 'far'), signal, codec: counting });
    for (const [at, most] of [
      [MIB, 2 * MIB],
      [100, 2 * MIB],
      [5 * MIB, 6 * MIB],
      [8 * MIB - 1, 8 * MIB],
    ] as const) {
      expect((await disk.read(at, 1)).equals(noise.subarray(at, at + 1))).toBe(true);
      expect(decodedBytes).toBeGreaterThan(at);
      expect(decodedBytes).toBeLessThanOrEqual(most);
    }
  });

  it('reads many blocks a little without keeping a decoder for each', async () => {
    const path = await save(
      'many.xz',
      await xz(Buffer.concat([image, image, image]), '-0', '-T2', '--block-size=600KiB'),
    );
    await using disk = await openXzDisk(path, { cacheDir: join(directory, 'many'), signal });
    const reads = disk.layout.blocks.map(({ rawOffset }) => disk.read(rawOffset, 10));
    for (const [index, bytes] of (await Promise.all(reads)).entries()) {
      const at = (disk.layout.blocks[index]?.rawOffset ?? 0) % image.length;
      expect(bytes.subarray(0, 5).equals(Buffer.concat([image, image]).subarray(at, at + 5))).toBe(true);
    }
  });

  it('reads again what was read before without decoding', async () => {
    const path = await save('hot.xz', await xz(image, '-0', '-T2', '--block-size=1MiB'));
    const decoded: string[] = [];
    const counting: XzCodec = {
      name: 'xz',
      decode: (...args) => {
        decoded.push('in memory');
        return system!.decode(...args);
      },
      encodeToFile: (...args) => system!.encodeToFile(...args),
    };
    const ranges = [
      [100, 50],
      [65_000, 2000],
      [MIB - 10, 20],
      [3 * MIB - 7, 7],
    ] as const;
    for (const expected of [3, 0, 1]) {
      decoded.length = 0;
      await using disk = await openXzDisk(path, {
        cacheDir: join(directory, 'own'),
        signal,
        codec: counting,
      });
      for (const [offset, length] of ranges) {
        expect((await disk.read(offset, length)).equals(image.subarray(offset, offset + length))).toBe(true);
      }
      if (expected === 1) await disk.read(900_000, 1);
      expect(decoded).toHaveLength(expected);
    }
  });

  describe('hostile or damaged', () => {
    it('any change of one byte is an error with a code, or the bytes are right', async () => {
      const small = image.subarray(0, 200_000);
      const encoded = await xz(small, '-0', '-T2', '--block-size=64KiB', '--check=crc32');
      await fc.assert(
        fc.asyncProperty(
          fc.nat({ max: encoded.length - 1 }),
          fc.integer({ min: 1, max: 255 }),
          async (at, flip) => {
            const damaged = Buffer.from(encoded);
            damaged.writeUInt8(damaged.readUInt8(at) ^ flip, at);
            const path = await save('damaged.xz', damaged);
            try {
              await using disk = await openXzDisk(path, { cacheDir, signal });
              expect((await disk.read(0, disk.sizeBytes)).equals(small)).toBe(true);
            } catch (error) {
              expect(error).toBeInstanceOf(ImageError);
              expect((error as ImageError).code).toMatch(
                /^IMAGE_(CORRUPT|TOO_LARGE|UNSUPPORTED_COMPRESSION)$/,
              );
            }
          },
        ),
        { numRuns: 40 },
      );
    });

    it.each([1, 4, 11, 12, 4000, 20_000])('a file that lacks its last %i bytes', async (missing) => {
      const encoded = await xz(image.subarray(0, 100_000), '-0');
      const path = await save('cut.xz', encoded.subarray(0, -missing));
      await expect(openXzDisk(path, { cacheDir, signal })).rejects.toMatchObject({ code: 'IMAGE_CORRUPT' });
    });

    it('a file followed by something else', async () => {
      const path = await save('more.xz', await xz(image.subarray(0, 1000)), Buffer.from('more'));
      await expect(openXzDisk(path, { cacheDir, signal })).rejects.toMatchObject({ code: 'IMAGE_CORRUPT' });
    });

    it('an index that claims petabytes', async () => {
      const block = (await xz(Buffer.alloc(1000), '-0', '--check=crc32')).subarray(12, -28);
      const index = renderIndex([{ unpaddedBytes: block.length, rawBytes: 2 ** 52 }]);
      const path = await save(
        'huge.xz',
        renderStreamHeader('crc32'),
        block,
        index,
        renderStreamFooter('crc32', index.length),
      );
      const opening = openImageDisk(path, { cacheDir, signal });
      await expect(opening).rejects.toMatchObject({ code: 'IMAGE_TOO_LARGE' });
    });

    it.each([999, 1001])('an index that claims %i bytes of a block of 20 MB of zeros', async (claimed) => {
      const encoded = await xz(Buffer.alloc(20 * MIB), '-0', '-T1', '--check=crc32');
      const layout = encoded.subarray(12, -12);
      const indexBytes = encoded.readUInt32LE(encoded.length - 8) * 4 + 4;
      const block = layout.subarray(0, layout.length - indexBytes);
      for (const trim of [0, 1, 2, 3]) {
        const index = renderIndex([{ unpaddedBytes: block.length - trim, rawBytes: claimed }]);
        const path = await save(
          'lie.xz',
          renderStreamHeader('crc32'),
          block,
          index,
          renderStreamFooter('crc32', index.length),
        );
        await using disk = await openXzDisk(path, { cacheDir, signal });
        await expect(disk.read(0, 10)).rejects.toMatchObject({ code: 'IMAGE_CORRUPT' });
      }
    });

    it('a file that becomes shorter while it is open', async () => {
      const path = await save('shrinks.xz', await xz(image, '-0', '-T2', '--block-size=600KiB'));
      await using disk = await openXzDisk(path, { cacheDir, signal });
      await writeFile(path, (await readFile(path)).subarray(0, 5000));
      await expect(disk.read(image.length - 1000, 1000)).rejects.toMatchObject({
        code: 'IMAGE_SOURCE_CHANGED',
      });
    });
  });

  it('ends reading when the signal fires, and when it is closed', async () => {
    const path = await save('abort.xz', await xz(image, '-0', '-T2', '--block-size=600KiB'));
    const abort = new AbortController();
    const disk = await openXzDisk(path, { cacheDir, signal: abort.signal });
    const reason = new Error('enough');
    const reading = disk.read(0, 1000);
    abort.abort(reason);
    await expect(reading).rejects.toBe(reason);
    await disk[Symbol.asyncDispose]();
    await expect(disk.read(0, 1000)).rejects.toThrow();
    expect((await readdir(cacheDir)).filter((name) => name.endsWith('-tmp'))).toEqual([]);
  });
});
