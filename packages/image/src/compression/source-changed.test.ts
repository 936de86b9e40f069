import {
  appendFile,
  mkdtemp,
  open,
  readdir,
  rename,
  rm,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OverlayDisk } from '../disk/overlay-disk.js';
import { streamImage } from '../output/stream-image.js';
import { writeImage } from '../output/write-image.js';
import { LzmaNativeCodec } from '../xz/lzma-native-codec.js';
import type { XzCodec } from '../xz/xz-codec.js';
import { openImageDisk } from './open-image-disk.js';

const MIB = 1024 * 1024;
const signal = new AbortController().signal;
const plain = new LzmaNativeCodec();

let directory: string;
let base: string;
let cacheDir: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'source-changed-'));
  base = join(directory, 'base.img');
  cacheDir = join(directory, 'cache');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

function diskImage(): Buffer {
  const disk = Buffer.alloc(3 * MIB, 'content ');
  disk.fill(0, 0, 512);
  disk.writeUInt16LE(0xaa55, 510);
  return disk;
}

async function overwrite(path: string): Promise<void> {
  await using file = await open(path, 'r+');
  await file.write(Buffer.alloc(4096, 0x5a), 0, 4096, 2 * MIB);
}

/** A codec that does something before it encodes. */
function codecThat(before: () => Promise<void>): XzCodec & { encoded: number } {
  return {
    name: 'lzma-native',
    encoded: 0,
    decode: (encoded, options) => plain.decode(encoded, options),
    async encodeToFile(raw, target, options) {
      this.encoded++;
      await before();
      await plain.encodeToFile(raw, target, options);
    },
  };
}

const CHANGES: Readonly<Record<string, (path: string) => Promise<void>>> = {
  'written in place': overwrite,
  'written in place, its time put back': async (path) => {
    await overwrite(path);
    await utimes(path, 1, 1);
  },
  'made longer': (path) => appendFile(path, Buffer.alloc(8192, 1)),
  'cut off': (path) => truncate(path, 2 * MIB),
  replaced: async (path) => {
    await writeFile(`${path}.new`, diskImage());
    await rename(`${path}.new`, path);
  },
};

describe('a base that somebody else changes while it is edited', () => {
  it.each(Object.entries(CHANGES))('%s: nothing is kept', async (_what, change) => {
    await writeFile(base, diskImage());
    await utimes(base, 1, 1);
    await using source = await openImageDisk(base, { cacheDir, signal, codec: plain });
    await using overlay = new OverlayDisk(source.disk, { cacheDir });
    await overlay.write(MIB, Buffer.from('edited'));
    await change(base);
    for (const format of ['raw', 'xz'] as const) {
      const saving = writeImage(source, overlay, join(directory, `out.${format}`), { format, signal });
      await expect(saving).rejects.toMatchObject({ code: 'IMAGE_SOURCE_CHANGED' });
    }
    expect((await readdir(directory)).filter((name) => name.includes('out'))).toEqual([]);
    expect(await readdir(join(cacheDir, 'bases')).catch(() => [])).toEqual([]);
  });

  it('a stream of it does not end well', async () => {
    await writeFile(base, diskImage());
    await using xz = await open(join(directory, 'base.img.xz'), 'wx+');
    await plain.encodeToFile(chunk(diskImage()), xz, { check: 'crc32', blockBytes: 65536, signal });
    await using source = await openImageDisk(join(directory, 'base.img.xz'), {
      cacheDir,
      signal,
      codec: plain,
    });
    const { stream } = await streamImage(source, undefined, 'xz', signal);
    await appendFile(join(directory, 'base.img.xz'), 'more');
    await expect(buffer(stream)).rejects.toMatchObject({ code: 'IMAGE_SOURCE_CHANGED' });
  });
});

async function* chunk(bytes: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(bytes);
}

describe('converting a base', () => {
  it('keeps nothing under a digest that is not that of what was converted', async () => {
    await writeFile(base, gzipSync(diskImage()));
    const codec = codecThat(() => appendFile(base, gzipSync(Buffer.alloc(512, 1))));
    await expect(openImageDisk(base, { cacheDir, signal, codec })).rejects.toMatchObject({
      code: 'IMAGE_SOURCE_CHANGED',
    });
    expect(await readdir(join(cacheDir, 'bases'))).toEqual([]);
  });

  it('is done once, however many want it at a time', async () => {
    await writeFile(base, gzipSync(diskImage()));
    const codec = codecThat(() => Promise.resolve());
    const opened = await Promise.all([1, 2, 3].map(() => openImageDisk(base, { cacheDir, signal, codec })));
    for (const source of opened) {
      expect((await source.disk.read(MIB, 8)).toString()).toBe('content ');
      await source[Symbol.asyncDispose]();
    }
    expect(codec.encoded).toBe(1);
    expect(await readdir(join(cacheDir, 'bases'))).toHaveLength(1);
  });
});
