import { createHash, randomBytes } from 'node:crypto';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ProcessLock } from '@turingpi/foundation';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { limitCache } from './limit-cache.js';
import { listCache } from './list-cache.js';
import { pruneCache, type PruneOptions } from './prune-cache.js';
import { NOTHING_RECORDED, type RecordedResults } from './recorded-results.js';
import { removeReplaced } from './remove-replaced.js';
import { verifyCache } from './verify-cache.js';

const { signal } = new AbortController();
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

let cacheDir: string;
let recorded: RecordedResults;
beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'turingpi-cache-'));
  recorded = NOTHING_RECORDED;
  for (const folder of ['downloads', 'bases', 'xz-blocks', 'digests']) await mkdir(join(cacheDir, folder));
});
afterEach(() => rm(cacheDir, { recursive: true, force: true }));

/** Puts a file into the cache that was last used so many days ago. */
async function put(name: string, bytes: Buffer | number, days = 0): Promise<Buffer> {
  const content = typeof bytes === 'number' ? randomBytes(bytes) : bytes;
  const path = join(cacheDir, name);
  await writeFile(path, content, { mode: 0o600 });
  const time = new Date(Date.now() - days * 86_400_000);
  await utimes(path, time, time);
  return content;
}

async function putDownload(days: number, size = 1000): Promise<string> {
  const content = randomBytes(size);
  const name = `downloads/${sha256(content)}.img.xz`;
  await put(name, content, days);
  return name;
}

const completed = (name: string, digest: string) => {
  recorded = { ...NOTHING_RECORDED, digests: new Map([[join(cacheDir, name), digest]]) };
};
const prune = (options: Partial<PruneOptions> = {}) => pruneCache({ cacheDir, recorded, signal, ...options });
const there = async () =>
  (await listCache({ cacheDir, recorded })).map(({ path }) => path.slice(cacheDir.length + 1)).sort();

describe('what images were asked to be', () => {
  it('is listed, stays within any limit, is compared with its digests, and goes with everything else', async () => {
    await mkdir(join(cacheDir, 'requests'));
    const request = `requests/Node1-${'a'.repeat(64)}.json`;
    const ofBoard = `requests/shelf.Node2-${'b'.repeat(64)}.json`;
    await put(request, 50, 400);
    await put(ofBoard, 50, 400);
    const sound = `requests/${sha256(await put('sound', 10))}`;
    await rename(join(cacheDir, 'sound'), join(cacheDir, sound));
    const damaged = `requests/${'c'.repeat(64)}`;
    await put(damaged, 10);
    await put('requests/notes.txt', 10);
    expect(await there()).toEqual([request, sound, damaged, ofBoard].sort());
    expect((await prune({ maxBytes: 0 })).removed).toEqual([]);
    const contents: Record<string, string> = {};
    for await (const { entry, content } of verifyCache({ cacheDir, recorded, signal, fix: true }))
      contents[entry.path.slice(cacheDir.length + 1)] = content;
    expect(contents).toMatchObject({ [sound]: 'sound', [damaged]: 'damaged', [request]: 'unknown' });
    expect(await there()).toEqual([request, sound, ofBoard].sort());
    await prune({ all: true });
    expect(await there()).toEqual([]);
  });
});

describe('listCache', () => {
  it('names what is ours, by kind, with digests; and nothing else', async () => {
    const result = await put('node1.img.xz', 10);
    completed('node1.img.xz', sha256(result));
    const download = await putDownload(3);
    const partial = `downloads/${'a'.repeat(64)}.partial`;
    await put(partial, 5, 2);
    await put(`bases/${'b'.repeat(64)}.img.xz`, 5, 1);
    await put(`xz-blocks/${'c'.repeat(64)}-${'d'.repeat(64)}.pages`, 5, 4);
    for (const foreign of [
      'turingpi.log',
      'photo.png',
      'downloads/notes.txt',
      'bases/x.img.xz',
      '.node2.img.xz',
    ])
      await put(foreign, 5);
    await symlink('/etc/passwd', join(cacheDir, 'link.img.xz'));

    const entries = await listCache({ cacheDir, recorded });
    expect(entries.map(({ kind }) => kind)).toEqual([
      'block',
      'download',
      'partial-download',
      'base',
      'result',
    ]);
    expect(entries.find(({ kind }) => kind === 'result')).toMatchObject({
      sha256: sha256(result),
      recorded: true,
    });
    expect(entries.find(({ kind }) => kind === 'download')).toMatchObject({
      sha256: basename(download).slice(0, 64),
      sizeBytes: 1000,
      recorded: false,
    });
  });

  it.skipIf(process.platform === 'win32')(
    'leaves the images of a user who keeps his own in the same directory alone',
    async () => {
      for (const own of ['ubuntu-24.04.img.xz', 'base.img', 'My_Image.img.xz']) await put(own, 5, 99);
      await put('base.img.xz', 5, 99);
      await chmod(join(cacheDir, 'base.img.xz'), 0o644); // ours are for their owner only
      expect(await there()).toEqual([]);
      await pruneCache({ cacheDir, recorded, signal, all: true });
      expect(await readdir(cacheDir)).toEqual(
        expect.arrayContaining(['ubuntu-24.04.img.xz', 'base.img', 'My_Image.img.xz', 'base.img.xz']),
      );
      // What a record names is ours whatever its name, and whoever may read it.
      completed('base.img', 'a'.repeat(64));
      expect(await there()).toEqual(['base.img']);
    },
  );

  it('is empty without a cache', async () => {
    expect(await listCache({ cacheDir: join(cacheDir, 'none'), recorded })).toEqual([]);
  });
});

describe('pruneCache', () => {
  it('removes what was unused for the longest time, until the rest fits', async () => {
    const [old, middle, young] = [await putDownload(30), await putDownload(20), await putDownload(10)];
    const dry = await prune({ maxBytes: 1500, dryRun: true });
    expect(dry).toMatchObject({ freedBytes: 2000, keptBytes: 1000 });
    expect(await there()).toEqual([old, middle, young].sort());
    expect(await prune({ maxBytes: 1500 })).toMatchObject({ freedBytes: 2000, keptBytes: 1000, failed: [] });
    expect(await there()).toEqual([young]);
    expect(await prune()).toMatchObject({ removed: [], freedBytes: 0 });
  });

  it('goes by the note beside a download, which says when it was used', async () => {
    const [used, unused] = [await putDownload(30), await putDownload(10)];
    await put(`${used.slice(0, -'.img.xz'.length)}.json`, Buffer.from('{"url":"https://example.org/x"}'));
    await prune({ maxBytes: 1000 });
    expect(await there()).toEqual([used]);
    expect(unused).not.toBe(used);
    await prune({ maxBytes: 0 });
    expect(await readdir(join(cacheDir, 'downloads'))).toEqual([]);
  });

  it('keeps the images that records name, unless all is to go', async () => {
    await put('node1.img.xz', 10, 99);
    await put('gone.img.xz', 10, 1);
    completed('node1.img.xz', 'a'.repeat(64));
    await prune({ maxBytes: 0 });
    expect(await there()).toEqual(['node1.img.xz']);
    await prune({ all: true });
    expect(await there()).toEqual([]);
  });

  it('keeps every image when the records cannot be understood', async () => {
    await put('node1.img.xz', 10, 99);
    recorded = { ...NOTHING_RECORDED, unreadable: true };
    await prune({ maxBytes: 0 });
    expect(await there()).toEqual(['node1.img.xz']);
  });

  it('touches nothing while a run is under way', async () => {
    await putDownload(99);
    recorded = { ...NOTHING_RECORDED, running: true };
    expect(await prune({ all: true })).toMatchObject({ removed: [], freedBytes: 0 });
    recorded = NOTHING_RECORDED;
    expect(await prune({ all: true })).toMatchObject({ freedBytes: 1000 });
  });

  it('leaves a download that somebody is at, and removes one that nobody goes on with', async () => {
    const [held, left] = ['e', 'f'].map((digit) => `downloads/${digit.repeat(64)}.partial`);
    await put(held!, 5, 30);
    await put(left!, 5, 30);
    await put(`${left!}.json`, 5, 30);
    {
      await using lock = await ProcessLock.acquire(join(cacheDir, held!.slice(0, -'.partial'.length)));
      await prune({ all: true });
      expect(await there()).toEqual([held]);
      expect(lock.isOurs()).toBe(true);
    }
    expect((await prune()).removed.map(({ path }) => path)).toEqual([join(cacheDir, held!)]);
    expect(await readdir(join(cacheDir, 'downloads'))).toEqual([]);
  });

  it('removes what dead runs left, and not what living ones write', async () => {
    const name = (pid: number) => `downloads/.x.${pid}.0123456789ab.turingpi-tmp`;
    await put(name(2 ** 22 + 1), 5);
    await put(name(process.pid), 5);
    expect((await prune()).leftovers.map(({ name: path }) => path)).toEqual([
      join(cacheDir, name(2 ** 22 + 1)),
    ]);
    expect(await readdir(join(cacheDir, 'downloads'))).toEqual([basename(name(process.pid))]);
  });
});

describe('limitCache', () => {
  const limit = (maxBytes: number, startedAt = new Date()) =>
    limitCache({ cacheDir, recorded, startedAt, maxBytes, signal });

  it('removes what was unused for the longest time, never a customised image', async () => {
    const [old, young] = [await putDownload(30), await putDownload(20)];
    await put('node1.img.xz', 5000, 99); // of no state
    expect(await limit(10_000)).toMatchObject({ removed: [], keptBytes: 7000 });
    expect(await limit(6500)).toMatchObject({ freedBytes: 1000, keptBytes: 6000, failed: [] });
    expect(await there()).toEqual([young, 'node1.img.xz'].sort());
    expect(old).not.toBe(young);
    await limit(0);
    expect(await there()).toEqual(['node1.img.xz']);
  });

  it('keeps what the run used, and what was used just now, however large', async () => {
    const used = await putDownload(0.02);
    const base = `bases/${'b'.repeat(64)}.img.xz`;
    await put(base, 9000, 0.5);
    await putDownload(2);
    await limit(0, new Date(Date.now() - 86_400_000));
    expect(await there()).toEqual([base, used].sort());
    await limit(0); // a later run that did not need them
    expect(await there()).toEqual([]);
    const now = await putDownload(0);
    await limit(0, new Date(Date.now() + 1000));
    expect(await there()).toEqual([now]);
  });

  it('does nothing while another run is under way', async () => {
    await putDownload(99);
    recorded = { ...NOTHING_RECORDED, running: true };
    expect(await limit(0)).toBeUndefined();
    recorded = NOTHING_RECORDED;
    expect(await limit(0)).toMatchObject({ freedBytes: 1000 });
  });
});

describe('verifyCache', () => {
  const verify = async (fix = false) => {
    const found: Record<string, unknown> = {};
    for await (const { entry, content, exposed, done } of verifyCache({ cacheDir, recorded, signal, fix }))
      found[entry.kind] = { content, exposed, done };
    return found;
  };

  it('compares digests; repairs what can be made again, and only reports the rest', async () => {
    await put('node1.img.xz', 10);
    completed('node1.img.xz', 'a'.repeat(64));
    await put(await putDownload(1), 10);
    await put(`bases/${'b'.repeat(64)}.img.xz`, 64);
    const block = randomBytes(20);
    await put(`xz-blocks/${'c'.repeat(64)}-${sha256(block)}.xz`, block);
    const damaged = { content: 'damaged', exposed: false, done: [] };
    expect(await verify()).toEqual({
      result: damaged,
      download: damaged,
      base: damaged,
      block: { content: 'sound', exposed: false, done: [] },
    });
    expect(await verify(true)).toMatchObject({
      result: damaged,
      download: { done: ['removed'] },
      base: { done: ['removed'] },
    });
    expect(await there()).toEqual([`node1.img.xz`, `xz-blocks/${'c'.repeat(64)}-${sha256(block)}.xz`]);
  });

  it.skipIf(process.platform === 'win32')('takes rights away from others', async () => {
    const name = await putDownload(1);
    await chmod(join(cacheDir, name), 0o644);
    expect(await verify()).toEqual({ download: { content: 'sound', exposed: true, done: [] } });
    expect(await verify(true)).toEqual({
      download: { content: 'sound', exposed: true, done: ['protected'] },
    });
    expect((await stat(join(cacheDir, name))).mode & 0o777).toBe(0o600);
  });
});

describe('images that others have come in the place of', () => {
  it('go, but for those that a record names, and files that are not what was made', async () => {
    const former = await put('former.img.xz', 1000);
    const named = await put('named.img.xz', 1000);
    await put('rewritten.img.xz', 1000);
    await put('of-somebody-else.img.xz', 1000);
    completed('named.img.xz', sha256(named));
    const replaced = new Map([
      [join(cacheDir, 'former.img.xz'), sha256(former)],
      [join(cacheDir, 'named.img.xz'), sha256(named)],
      [join(cacheDir, 'rewritten.img.xz'), sha256(former)],
      [join(cacheDir, 'gone.img.xz'), sha256(former)],
    ]);
    const removed = await removeReplaced({ cacheDir, recorded, replaced, signal });
    expect(removed.map(({ path, sizeBytes }) => [basename(path), sizeBytes])).toEqual([
      ['former.img.xz', 1000],
    ]);
    expect(await there()).toEqual(['named.img.xz', 'of-somebody-else.img.xz', 'rewritten.img.xz']);
  });

  it('stay where records cannot be read', async () => {
    const former = await put('former.img.xz', 1000);
    const replaced = new Map([[join(cacheDir, 'former.img.xz'), sha256(former)]]);
    recorded = { ...NOTHING_RECORDED, unreadable: true };
    expect(await removeReplaced({ cacheDir, recorded, replaced, signal })).toEqual([]);
  });
});
