import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ImageSource } from '../compression/image-source.js';
import { openImageDisk } from '../compression/open-image-disk.js';
import { OverlayDisk } from '../disk/overlay-disk.js';
import { streamImage } from './stream-image.js';
import { writeImage } from './write-image.js';

const run = promisify(execFile);
const MIB = 1024 * 1024;
const signal = new AbortController().signal;
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const canMount =
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  (await run('mount', ['--version']).then(
    () => true,
    () => false,
  ));
const makesXfs = await run('mkfs.xfs', ['-V']).then(
  () => true,
  () => false,
);
if (canMount && !makesXfs && process.env['CI'] === 'true') throw new Error('these tests need mkfs.xfs');
const canClone = canMount && makesXfs;

async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

let directory: string;
let cacheDir: string;
let image: Buffer;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'atomic-output-'));
  cacheDir = join(directory, 'cache');
  image = Buffer.alloc(20 * MIB + 512);
  randomBytes(2 * MIB).copy(image, 3 * MIB);
  await writeFile(join(directory, 'base.img'), image);
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** A raw base with one edit, which is in `image` too afterwards. */
async function withEdit(task: (source: ImageSource, overlay: OverlayDisk) => Promise<void>): Promise<void> {
  await using source = await openImageDisk(join(directory, 'base.img'), { cacheDir, signal });
  await using overlay = new OverlayDisk(source.disk, { cacheDir });
  for (const at of [0, 3 * MIB - 2, image.length - 4]) {
    await overlay.write(at, Buffer.from('edit'));
    image.write('edit', at);
  }
  await task(source, overlay);
}

async function read(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe.each(['xz', 'raw'] as const)('an image written as %s', (format) => {
  it('has the digests told, mode 0600, and leaves the base as it was', async () => {
    const before = sha256(await readFile(join(directory, 'base.img')));
    await withEdit(async (source, overlay) => {
      const path = join(directory, 'out', 'new.img');
      const seen: number[] = [];
      const progress = ({ done }: { readonly done?: number }): void => void seen.push(done ?? 0);
      const saved = await writeImage(source, overlay, path, { format, signal, rawDigest: true, progress });
      const { size, mode, blocks } = await stat(path);
      expect(saved).toMatchObject({
        path,
        format,
        sizeBytes: size,
        rawSizeBytes: image.length,
        rawSha256: sha256(image),
      });
      expect(saved.sha256).toBe(sha256(await readFile(path)));
      expect(mode & 0o777).toBe(0o600);
      expect(blocks * 512).toBeLessThan(4 * MIB); // holes where there are zeros
      expect(seen.at(-1)).toBe(size);
      expect(seen).toEqual([...seen].sort((a, b) => a - b));
    });
    expect(sha256(await readFile(join(directory, 'base.img')))).toBe(before);
  });

  it('is the same as a stream, with its length known beforehand', async () => {
    await withEdit(async (source, overlay) => {
      const streamed = await streamImage(source, overlay, format, signal);
      const bytes = await read(streamed.stream);
      expect(streamed).toMatchObject({
        format,
        lengthBytes: bytes.length,
        sha256: sha256(bytes),
        rawSizeBytes: image.length,
      });
      if (format === 'raw') expect(bytes.equals(image)).toBe(true);
      else expect(streamed.dictionaryBytes).toBe(256 * 1024);
    });
    expect((await readdir(cacheDir)).filter((name) => name.endsWith('-tmp'))).toEqual([]);
  });

  it('leaves an earlier file and no temporary one when it is aborted', async () => {
    const path = join(directory, 'new.img');
    await writeFile(path, 'earlier');
    await withEdit(async (source, overlay) => {
      const abort = new AbortController();
      const reason = new Error('enough');
      const progress = (): void => abort.abort(reason);
      const writing = writeImage(source, overlay, path, { format, signal: abort.signal, progress });
      await expect(writing).rejects.toBe(reason);
    });
    expect(await readFile(path, 'utf8')).toBe('earlier');
    const names = (await readdir(directory)).filter((name) => name !== 'cache');
    expect(names.sort()).toEqual(['base.img', 'new.img']);
  });

  it.skipIf(!canMount)('leaves an earlier file when the host is full (needs root and mount)', async () => {
    const small = join(directory, 'small');
    await mkdir(small);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small]);
    try {
      const path = join(small, 'new.img');
      await writeFile(path, 'earlier');
      await withEdit(async (source, overlay) => {
        const writing = writeImage(source, overlay, path, { format, signal });
        await expect(writing).rejects.toMatchObject({ code: 'IMAGE_HOST_NO_SPACE' });
      });
      expect(await readdir(small)).toEqual(['new.img']);
      expect(await readFile(path, 'utf8')).toBe('earlier');
    } finally {
      await run('umount', [small]);
    }
  });

  it.skipIf(!canMount)('says so when the cache has no space (needs root and mount)', async () => {
    await mkdir(cacheDir);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', cacheDir]);
    try {
      await run('xz', ['-k', '-0', join(directory, 'base.img')]);
      await using source = await openImageDisk(join(directory, 'base.img.xz'), { cacheDir, signal });
      await using overlay = new OverlayDisk(source.disk, { cacheDir, memoryBytes: 4096 });
      const edit = async (): Promise<void> => {
        for (let at = 0; at < 4 * MIB; at += MIB) await overlay.write(at, randomBytes(MIB));
        await writeImage(source, overlay, join(directory, 'new.img'), { format, signal });
      };
      await expect(edit()).rejects.toMatchObject({ code: 'IMAGE_HOST_NO_SPACE' });
      expect(await readdir(directory)).not.toContain('new.img');
    } finally {
      await run('umount', [cacheDir]);
    }
  });

  it('says so when the directory cannot be made', async () => {
    await withEdit(async (source, overlay) => {
      const path = join(directory, 'base.img', 'new.img');
      const writing = writeImage(source, overlay, path, { format, signal });
      await expect(writing).rejects.toMatchObject({ code: 'IMAGE_WRITE_FAILED' });
    });
  });
});

it.skipIf(!canClone)(
  'an edited raw image is a clone where files can be cloned (needs root, mount and mkfs.xfs)',
  async () => {
    const mounted = join(directory, 'xfs');
    const disk = join(directory, 'xfs.img');
    await mkdir(mounted);
    await run('truncate', ['--size=400M', disk]);
    await run('mkfs.xfs', ['-q', '-m', 'reflink=1', disk]);
    await run('mount', ['-o', 'loop', disk, mounted]);
    try {
      const base = join(mounted, 'base.img');
      const image = randomBytes(64 * MIB);
      await writeFile(base, image, { mode: 0o644 });
      await run('sync', ['--file-system', mounted]);
      const freeBefore = await freeBytes(mounted);
      const path = join(mounted, 'new.img');
      await using source = await openImageDisk(base, { cacheDir, signal });
      await using overlay = new OverlayDisk(source.disk, { cacheDir });
      const expected = Buffer.from(image);
      for (const at of [0, 5 * MIB - 2, 64 * MIB - 6]) {
        await overlay.write(at, Buffer.from('edited'));
        expected.write('edited', at);
      }
      const saved = await writeImage(source, overlay, path, { format: 'raw', signal });
      expect(saved.sha256).toBe(sha256(expected));
      expect((await readFile(path)).equals(expected)).toBe(true);
      expect((await readFile(base)).equals(image)).toBe(true);
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      expect(await readdir(mounted)).toEqual(['base.img', 'new.img']);
      await run('sync', ['--file-system', mounted]);
      expect(freeBefore - (await freeBytes(mounted))).toBeLessThan(8 * MIB);
    } finally {
      await run('umount', [mounted]);
    }
  },
);

it('a stream can be given up half-way', async () => {
  await withEdit(async (source, overlay) => {
    const abort = new AbortController();
    const { stream } = await streamImage(source, overlay, 'raw', abort.signal);
    const reason = new Error('enough');
    const reading = (async () => {
      for await (const chunk of stream) if (chunk.length > 0) abort.abort(reason);
    })();
    await expect(reading).rejects.toBe(reason);
  });
});
