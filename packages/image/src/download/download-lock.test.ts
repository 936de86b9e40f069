import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import lockfile from 'proper-lockfile';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { thisProcess } from '../leftovers/process-identity.js';
import { DownloadLock } from './download-lock.js';
import { LockHolder } from './lock-holder.js';

/** The number of a process that has ended. */
const DEAD = spawnSync(process.execPath, ['-e', '']).pid;
const dead = { pid: DEAD, host: hostname() };

let directory: string;
let file: string;
let release: (() => Promise<void>) | undefined;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'turingpi-lock-'));
  file = join(directory, 'x');
});
afterEach(async () => {
  await release?.().catch(() => undefined);
  release = undefined;
  await rm(directory, { recursive: true, force: true });
});

/** A fresh lock, as somebody else would hold it. */
async function hold(): Promise<void> {
  release = await lockfile.lock(file, { realpath: false, onCompromised: () => undefined });
}

describe('DownloadLock', () => {
  it('is for one at a time, and leaves nothing', async () => {
    {
      await using lock = await DownloadLock.tryAcquire(file);
      expect(lock).toBeDefined();
      expect(await DownloadLock.isHeld(file)).toBe(true);
      expect(await DownloadLock.tryAcquire(file)).toBeUndefined();
    }
    expect(await DownloadLock.isHeld(file)).toBe(false);
    expect(await readdir(directory)).toEqual([]);
  });

  it('is taken over at once from a process of this computer that has ended, by one', async () => {
    await hold();
    await new LockHolder(file).claim(dead);
    expect(await DownloadLock.isHeld(file)).toBe(false);
    const locks = await Promise.all(Array.from({ length: 20 }, () => DownloadLock.tryAcquire(file)));
    const taken = locks.filter((lock) => lock !== undefined);
    expect(taken).toHaveLength(1);
    expect(await DownloadLock.isHeld(file)).toBe(true);
    await taken[0]?.[Symbol.asyncDispose]();
    expect(await readdir(directory)).toEqual([]);
  });

  it.skipIf(process.platform !== 'linux')(
    'is taken over from a dead one whose number lives again',
    async () => {
      await hold();
      await new LockHolder(file).claim({ ...(await thisProcess()), start: 'another boot:1' });
      await using lock = await DownloadLock.tryAcquire(file);
      expect(lock).toBeDefined();
    },
  );

  it.each([
    ['a living process', thisProcess],
    ['a process of another computer', () => Promise.resolve({ ...dead, host: `not-${hostname()}` })],
  ])('is left to %s', async (_, owner) => {
    await hold();
    await new LockHolder(file).claim(await owner());
    expect(await DownloadLock.isHeld(file)).toBe(true);
    expect(await DownloadLock.tryAcquire(file)).toBeUndefined();
  });

  it('is left to a holder that has not said yet who it is', async () => {
    await hold();
    expect(await DownloadLock.tryAcquire(file)).toBeUndefined();
    await writeFile(`${file}.lock-holder`, '{"pid":');
    expect(await DownloadLock.tryAcquire(file)).toBeUndefined();
    // What a dead one before it said does not count.
    await new LockHolder(file).claim(dead);
    const before = new Date(Date.now() - 60_000);
    await utimes(`${file}.lock-holder`, before, before);
    expect(await DownloadLock.tryAcquire(file)).toBeUndefined();
  });
});
