import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { Progress } from '@turingpi/foundation';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OverlayDisk } from '../disk/overlay-disk.js';
import { writeImage } from '../output/write-image.js';
import { openImageDisk } from './open-image-disk.js';

const run = promisify(execFile);
const MIB = 1024 * 1024;
const signal = new AbortController().signal;
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Packs `base.img` in its directory; returns the new file's name. */
type Packer = (directory: string) => Promise<string>;
const packers: Record<string, { tool: string; pack: Packer }> = {
  gz: {
    tool: 'node',
    pack: async (directory) => {
      await writeFile(join(directory, 'a.gz'), gzipSync(await readFile(join(directory, 'base.img'))));
      return 'a.gz';
    },
  },
  zst: {
    tool: 'zstd',
    pack: (cwd) => run('zstd', ['-q', '-k', 'base.img'], { cwd }).then(() => 'base.img.zst'),
  },
  bz2: {
    tool: 'bzip2',
    pack: (cwd) => run('bzip2', ['-k', '-1', 'base.img'], { cwd }).then(() => 'base.img.bz2'),
  },
  zip: { tool: 'zip', pack: (cwd) => run('zip', ['-q', 'a.zip', 'base.img'], { cwd }).then(() => 'a.zip') },
  xz: {
    tool: 'xz',
    pack: (cwd) => run('xz', ['-k', '-0', '-T1', 'base.img'], { cwd }).then(() => 'base.img.xz'),
  },
};

async function has(tool: string): Promise<boolean> {
  const probe = tool === 'zip' ? ['-v'] : ['--version'];
  const found = await run(tool, probe).then(
    () => true,
    () => false,
  );
  if (!found && process.env['CI'] === 'true') throw new Error(`these tests need the program ${tool}`);
  return found;
}

let directory: string;
let cacheDir: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'open-image-'));
  cacheDir = join(directory, 'cache');
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function someImage(sizeBytes: number): Promise<Buffer> {
  const image = Buffer.alloc(sizeBytes);
  image.writeUInt16LE(0xaa55, 510); // the end mark of a boot record
  randomBytes(300_000).copy(image, 4096);
  image.fill('some text ', 2 * MIB, 2 * MIB + 400_000);
  await writeFile(join(directory, 'base.img'), image);
  return image;
}

for (const [container, { tool, pack }] of Object.entries(packers)) {
  const present = await has(tool);
  describe.skipIf(!present)(`a base packed as ${container} (needs ${tool})`, () => {
    // An .xz needs no conversion unless its blocks are large.
    const sizeBytes = container === 'xz' ? 66 * MIB : 3 * MIB + 777;

    it('is converted once, keyed by content, and can be read and edited', async () => {
      const image = await someImage(sizeBytes);
      const path = join(directory, await pack(directory));
      let converted: string[] = [];
      let modified = 0;
      for (const time of ['first', 'second']) {
        await using source = await openImageDisk(path, { cacheDir, signal });
        expect(source.container).toBe(container);
        expect(source.disk.sizeBytes).toBe(image.length);
        expect((await source.disk.read(4000, 400_000)).equals(image.subarray(4000, 404_000))).toBe(true);
        const names = await readdir(join(cacheDir, 'bases'));
        const { mtimeMs, mode } = await stat(join(cacheDir, 'bases', names[0]!));
        expect(mode & 0o777).toBe(0o600);
        if (time === 'second') expect([names, mtimeMs]).toEqual([converted, modified]);
        [converted, modified] = [names, mtimeMs];
        await using overlay = new OverlayDisk(source.disk, { cacheDir });
        await overlay.write(5000, Buffer.from(time));
        image.write(time, 5000);
        const target = join(directory, 'out.img.xz');
        const saved = await writeImage(source, overlay, target, { format: 'xz', signal, rawDigest: true });
        expect(saved.rawSha256).toBe(sha256(image));
        if (time === 'first') image.set(await source.disk.read(5000, 10), 5000);
      }
    });

    it('fails with a code and leaves nothing in the cache when it is cut off', async () => {
      await someImage(sizeBytes);
      const path = join(directory, await pack(directory));
      await truncate(path, Math.floor((await stat(path)).size * 0.7));
      await expect(openImageDisk(path, { cacheDir, signal })).rejects.toMatchObject({
        code: 'IMAGE_CORRUPT',
      });
      expect(await readdir(join(cacheDir, 'bases')).catch(() => [])).toEqual([]);
    });

    it('fails with a code when its content was altered', async () => {
      await someImage(sizeBytes);
      const path = join(directory, await pack(directory));
      const bytes = await readFile(path);
      bytes[Math.floor(bytes.length / 2)]! ^= 0x55;
      await writeFile(path, bytes);
      await expect(openImageDisk(path, { cacheDir, signal })).rejects.toMatchObject({
        code: 'IMAGE_CORRUPT',
      });
    });

    it('stops when aborted', async () => {
      await someImage(sizeBytes);
      const path = join(directory, await pack(directory));
      const abort = new AbortController();
      const reason = new Error('enough');
      const opening = openImageDisk(path, {
        cacheDir,
        signal: abort.signal,
        progress: ({ activity }) => {
          if (activity === 'convert') abort.abort(reason);
        },
      });
      await expect(opening).rejects.toBe(reason);
      expect(await readdir(join(cacheDir, 'bases'))).toEqual([]);
    });
  });
}

describe.skipIf(!(await has('zstd')) || !(await has('bzip2')))(
  'several streams in one file (needs zstd, bzip2)',
  () => {
    it.each(['zst', 'bz2'])('%s: are read one after another', async (container) => {
      const image = await someImage(3 * MIB);
      const part = await readFile(join(directory, await packers[container]!.pack(directory)));
      const path = join(directory, 'twice');
      await writeFile(path, Buffer.concat([part, part]));
      await using source = await openImageDisk(path, { cacheDir, signal });
      expect(source.disk.sizeBytes).toBe(2 * image.length);
      const tail = await source.disk.read(image.length + 4000, 400_000);
      expect(tail.equals(image.subarray(4000, 404_000))).toBe(true);
    });
  },
);

describe('what is not an image', () => {
  it.each([
    ['a file that is not there', 'IMAGE_NOT_FOUND', undefined],
    ['an empty file', 'IMAGE_NOT_AN_IMAGE', Buffer.alloc(0)],
    ['a few bytes', 'IMAGE_NOT_AN_IMAGE', Buffer.from('hello')],
    ['a gzip of a few bytes', 'IMAGE_NOT_AN_IMAGE', gzipSync('hello')],
    ['an xz header and nothing else', 'IMAGE_CORRUPT', Buffer.from('fd377a585a0000', 'hex')],
    ['a zip of nothing', 'IMAGE_CORRUPT', Buffer.from('504b030400000000', 'hex')],
    ['a zstd header and nothing else', 'IMAGE_CORRUPT', Buffer.from('28b52ffd', 'hex')],
    ['a bzip2 header and nothing else', 'IMAGE_CORRUPT', Buffer.from('BZh9')],
  ])('%s', async (_what, code, bytes) => {
    const path = join(directory, 'x');
    if (bytes) await writeFile(path, bytes);
    await expect(openImageDisk(path, { cacheDir, signal })).rejects.toMatchObject({ code });
  });

  it('zeros without end are refused by their beginning', async () => {
    const path = join(directory, 'zeros.gz');
    const member = gzipSync(Buffer.alloc(32 * MIB));
    await writeFile(path, Buffer.concat(Array.from({ length: 2000 }, () => member)));
    const decoded: (number | undefined)[] = [];
    const progress = ({ activity, done }: Progress): void => {
      if (activity === 'convert') decoded.push(done);
    };
    const opening = openImageDisk(path, { cacheDir, signal, progress });
    await expect(opening).rejects.toMatchObject({ code: 'IMAGE_NOT_AN_IMAGE' });
    expect(decoded).toEqual([]);
  });

  it('a directory', async () => {
    await expect(openImageDisk(directory, { cacheDir, signal })).rejects.toMatchObject({
      code: 'IMAGE_NOT_AN_IMAGE',
    });
  });
});
