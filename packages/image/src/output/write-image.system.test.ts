import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openImageDisk } from '../compression/open-image-disk.js';
import { OverlayDisk } from '../disk/overlay-disk.js';
import { LzmaNativeCodec } from '../xz/lzma-native-codec.js';
import type { XzCodec } from '../xz/xz-codec.js';
import { findSystemXz } from '../xz/system-xz-codec.js';
import { streamImage } from './stream-image.js';
import { writeImage } from './write-image.js';

const run = promisify(execFile);
const MIB = 1024 * 1024;
const system = await findSystemXz();
if (!system && process.env['CI'] === 'true') throw new Error('these tests need the xz program');

const signal = new AbortController().signal;
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Data with a bit of everything: zeros, text, noise. */
function someImage(sizeBytes: number): Buffer {
  const image = Buffer.alloc(sizeBytes);
  for (let offset = 0; offset < sizeBytes; offset += 3 * MIB) {
    randomBytes(64 * 1024).copy(image, offset);
    image.fill(`line of text ${offset}\n`, offset + MIB, Math.min(sizeBytes, offset + 2 * MIB));
  }
  return image;
}

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'write-image-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** Compresses with the xz program; `args` choose blocks and check. */
async function compress(image: Buffer, ...args: string[]): Promise<string> {
  const path = join(directory, 'base.img');
  await writeFile(path, image);
  await run('xz', ['-k', '-f', ...args, path]);
  return `${path}.xz`;
}

const codecs: [string, XzCodec][] = [['lzma-native', new LzmaNativeCodec()]];
if (system) codecs.unshift(['xz', system]);

describe.skipIf(!system)('writing an edited .img.xz (needs xz)', () => {
  describe.each(codecs)('coded by %s', (_name, codec) => {
    it.each(['none', 'crc32', 'crc64', 'sha256'])(
      'keeps the check %s and every byte that was not edited',
      async (check) => {
        const image = someImage(13 * MIB + 4096 + 17);
        const path = await compress(image, '-0', '-T2', '--block-size=5MiB', `--check=${check}`);
        const cacheDir = join(directory, 'cache');
        for (const edit of ['first node', 'second node']) {
          await using source = await openImageDisk(path, { cacheDir, signal, codec });
          await using overlay = new OverlayDisk(source.disk, { cacheDir });
          const expected = Buffer.from(image);
          for (const offset of [0, 5 * MIB - 3, 6 * MIB, image.length - edit.length]) {
            await overlay.write(offset, Buffer.from(edit));
            expected.write(edit, offset);
          }
          const target = join(directory, `${edit}.img.xz`);
          const saved = await writeImage(source, overlay, target, { format: 'xz', signal, rawDigest: true });
          expect(saved).toEqual({
            path: target,
            format: 'xz',
            sizeBytes: (await stat(target)).size,
            sha256: sha256(await readFile(target)),
            rawSizeBytes: image.length,
            rawSha256: sha256(expected),
          });
          await run('xz', ['-t', target]);
          const { stdout } = await run('xz', ['-dc', target], { encoding: 'buffer', maxBuffer: 64 * MIB });
          expect(stdout.equals(expected)).toBe(true);
          const listing = await run('xz', ['--robot', '-l', target]);
          expect(listing.stdout.toLowerCase().replaceAll('-', '')).toContain(check);
          const streamed = await streamImage(source, overlay, 'xz', signal);
          expect(streamed).toMatchObject({
            lengthBytes: saved.sizeBytes,
            sha256: saved.sha256,
            rawSizeBytes: image.length,
          });
          expect(streamed.dictionaryBytes).toBeLessThanOrEqual(4 * MIB);
          const chunks: Buffer[] = [];
          for await (const chunk of streamed.stream) chunks.push(chunk as Buffer);
          expect(sha256(Buffer.concat(chunks))).toBe(saved.sha256);
        }
        expect((await readdir(directory)).filter((name) => name.endsWith('-tmp'))).toEqual([]);
      },
    );
  });
});
