import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { thisProcess } from '../process/process-identity.js';
import { HeartbeatWatch } from './heartbeat-watch.js';
import { readNotes } from './lock-note.js';
import { type LockHolder, ProcessLock } from './process-lock.js';

/** The number of a process that has ended. */
const DEAD = spawnSync(process.execPath, ['-e', '']).pid;
const dead = { pid: DEAD, host: hostname() };
const elsewhere = { ...dead, host: `not-${hostname()}` };

let directory: string;
let file: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'turingpi-lock-'));
  file = join(directory, 'x');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** A lock as somebody else holds it. */
async function hold(owner?: object | string, name = 'note', ofFile = file): Promise<string> {
  await mkdir(`${ofFile}.lock`, { recursive: true });
  const note = join(`${ofFile}.lock`, name);
  if (owner !== undefined)
    await writeFile(note, typeof owner === 'string' ? owner : JSON.stringify(owner), { mode: 0o600 });
  return note;
}

const longAgo = new Date(Date.now() - 60_000);

describe('ProcessLock', () => {
  it('is for one at a time, and leaves nothing', async () => {
    {
      await using lock = await ProcessLock.tryAcquire(file);
      expect(lock?.isOurs()).toBe(true);
      expect(await ProcessLock.isHeld(file)).toBe(true);
      const holder = await ProcessLock.holder(file);
      expect(holder).toEqual({
        ...{ pid: process.pid, host: hostname(), ended: false },
        since: expect.stringMatching(/^20\d\d-.*Z$/) as string,
      });
      expect(await ProcessLock.tryAcquire(file)).toBeUndefined();
    }
    expect(await ProcessLock.isHeld(file)).toBe(false);
    expect(await ProcessLock.holder(file)).toBeUndefined();
    expect(await readdir(directory)).toEqual([]);
  });

  it('is taken over at once from a process of this computer that has ended, by one', async () => {
    await hold(dead);
    expect(await ProcessLock.isHeld(file)).toBe(false);
    expect(await ProcessLock.holder(file)).toEqual({ ...dead, ended: true });
    const locks = await Promise.all(Array.from({ length: 20 }, () => ProcessLock.tryAcquire(file)));
    const taken = locks.filter((lock) => lock !== undefined);
    expect(taken).toHaveLength(1);
    expect(await ProcessLock.isHeld(file)).toBe(true);
    await taken[0]?.[Symbol.asyncDispose]();
    expect(await readdir(directory)).toEqual([]);
  });

  it.skipIf(process.platform !== 'linux')(
    'is taken over from a dead one whose number lives again',
    async () => {
      await hold({ ...(await thisProcess()), start: 'another boot:1' });
      await using lock = await ProcessLock.tryAcquire(file);
      expect(lock).toBeDefined();
    },
  );

  it.each([
    ['a living process', thisProcess],
    ['a process of another computer', () => Promise.resolve(elsewhere)],
    ['a process of a computer of the same name', () => Promise.resolve({ ...dead, computer: 'another' })],
  ])('is left to %s', async (_, owner) => {
    await hold(await owner());
    expect(await ProcessLock.isHeld(file)).toBe(true);
    expect(await ProcessLock.tryAcquire(file)).toBeUndefined();
  });

  it.each([undefined, '', '{"pid":'])('is left to a holder that has said of itself %j yet', async (said) => {
    await hold(said);
    expect(await ProcessLock.tryAcquire(file)).toBeUndefined();
    expect(await ProcessLock.holder(file)).toBeUndefined();
  });

  it.each([undefined, '{"pid":', elsewhere])(
    'is taken from a holder without a sign of life that has said of itself %j',
    async (said) => {
      const note = await hold(said);
      await utimes(said === undefined ? `${file}.lock` : note, longAgo, longAgo);
      expect(await ProcessLock.isHeld(file)).toBe(false);
      await using lock = await ProcessLock.tryAcquire(file);
      expect(lock).toBeDefined();
    },
  );

  it('is left to a living process of this computer whose signs of life are all old, as after sleep', async () => {
    const note = await hold(await thisProcess());
    await utimes(note, longAgo, longAgo);
    expect(await ProcessLock.isHeld(file)).toBe(true);
    expect(await ProcessLock.holder(file)).toMatchObject({ pid: process.pid, ended: false });
    expect(await ProcessLock.tryAcquire(file)).toBeUndefined();
  });

  it('has a holder that counts until it has given no sign of life for long, also where nobody knows whether it lives', async () => {
    const note = await hold(elsewhere);
    expect(await ProcessLock.holder(file)).toEqual({ ...elsewhere, ended: false });
    await utimes(note, longAgo, longAgo);
    expect(await ProcessLock.holder(file)).toEqual({ ...elsewhere, ended: true });
    expect(await ProcessLock.holder(file, { staleMs: 120_000 })).toEqual({ ...elsewhere, ended: false });
  });

  it('is waited for, and the waiting one is told by whom it is held', async () => {
    const first = await ProcessLock.acquire(file);
    const told: (LockHolder | undefined)[] = [];
    const onWait = (holder: LockHolder | undefined) => {
      told.push(holder);
      void first[Symbol.asyncDispose]();
    };
    await using second = await ProcessLock.acquire(file, { onWait });
    expect(second.isOurs()).toBe(true);
    expect(first.isOurs()).toBe(false);
    expect(told).toMatchObject([{ pid: process.pid, host: hostname(), ended: false }]);
  });

  it('is not waited for longer than wanted', async () => {
    await using held = await ProcessLock.acquire(file);
    const refused = (holder: LockHolder | undefined) => new Error(`held by ${holder?.pid}`);
    await expect(ProcessLock.acquire(file, { limit: { waitMs: 0, refused } })).rejects.toThrow(
      `held by ${process.pid}`,
    );
    expect(held.isOurs()).toBe(true);
  });

  it('is not waited for any more after an abort, whose reason is thrown', async () => {
    await using held = await ProcessLock.acquire(file);
    const abort = new AbortController();
    const reason = new Error('enough');
    const onWait = () => abort.abort(reason);
    await expect(ProcessLock.acquire(file, { signal: abort.signal, onWait })).rejects.toBe(reason);
    await expect(ProcessLock.acquire(`${file}2`, { signal: abort.signal })).rejects.toBe(reason);
    expect(await readdir(directory)).toEqual(['x.lock']);
    expect(held.isOurs()).toBe(true);
  });

  it('gives signs of life, and finds that it was lost', async () => {
    await using lock = await ProcessLock.acquire(file, { staleMs: 30 });
    const [note] = (await readNotes(`${file}.lock`)) ?? [];
    await utimes(note!.file, longAgo, longAgo);
    await expect
      .poll(async () => (await readNotes(`${file}.lock`))?.[0]?.touchedMs)
      .toBeGreaterThan(+longAgo);
    expect(lock.lost.aborted).toBe(false);
    await rm(`${file}.lock`, { recursive: true });
    await expect.poll(() => lock.lost.aborted).toBe(true);
  });

  it('that was lost is known before what it was held for, and the next one’s is not given back', async () => {
    const first = await ProcessLock.acquire(file);
    await rm(`${file}.lock`, { recursive: true });
    await using second = await ProcessLock.acquire(file);
    expect(first.isOurs()).toBe(false);
    expect(first.lost.aborted).toBe(true);
    await first[Symbol.asyncDispose]();
    expect(second.isOurs()).toBe(true);
  });

  it('fails with the caller’s error where it cannot be made', async () => {
    const unusable = (cause: unknown) => Object.assign(new Error('no lock', { cause }), { code: 'OURS' });
    const there = join(directory, 'none', 'x');
    await expect(ProcessLock.acquire(there, { unusable })).rejects.toMatchObject({ code: 'OURS' });
    await expect(ProcessLock.tryAcquire(there)).rejects.toMatchObject({ code: 'ENOENT' });
    await writeFile(`${file}.lock`, 'a file');
    await expect(ProcessLock.tryAcquire(file)).rejects.toMatchObject({ code: 'ENOTDIR' });
    await symlink('nowhere', `${file}2.lock`);
    await expect(ProcessLock.tryAcquire(`${file}2`)).rejects.toMatchObject({ code: 'EEXIST' });
    expect(await ProcessLock.isHeld(there)).toBe(false);
  });

  it.skipIf(process.getuid?.() === 0 || process.platform === 'win32')(
    'fails at once where nothing may be written, also when it is waited for',
    async () => {
      await chmod(directory, 0o500);
      await expect(ProcessLock.acquire(file)).rejects.toMatchObject({ code: 'EACCES' });
      await chmod(directory, 0o700);
    },
  );

  it('is never held by two, whoever dies with it', async () => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ dies: fc.boolean(), leavesEmpty: fc.boolean() }), {
          minLength: 2,
          maxLength: 8,
        }),
        async (lives) => {
          const wanted = join(directory, `p${(round += 1)}`);
          let holders = 0;
          let most = 0;
          await Promise.all(
            lives.map(async ({ dies, leavesEmpty }, number) => {
              const lock = await ProcessLock.acquire(wanted);
              most = Math.max(most, (holders += 1));
              await readdir(directory);
              holders -= 1;
              await lock[Symbol.asyncDispose]();
              // Somebody of this computer takes it at once, and dies.
              if (dies && (await mkdir(`${wanted}.lock`).catch(() => 'taken')) === undefined) {
                if (leavesEmpty) await utimes(`${wanted}.lock`, longAgo, longAgo).catch(() => undefined);
                else await hold(dead, `dead ${number}`, wanted);
              }
            }),
          );
          expect(most).toBe(1);
        },
      ),
      { numRuns: 10 },
    );
  });
});

describe('HeartbeatWatch', () => {
  const note = (touchedMs: number, owner: object = elsewhere) => [
    { file: 'x', owner: owner as typeof elsewhere, touchedMs },
  ];

  it('takes somebody of another computer for dead after a silence that it has watched, whatever the clocks say', async () => {
    const watch = new HeartbeatWatch(40);
    expect(await watch.areDead(note(0))).toBe(false);
    await expect.poll(() => watch.areDead(note(0)), { interval: 5 }).toBe(true);
    expect(await watch.areDead(note(1))).toBe(false);
  });

  it('takes nobody for dead because it has not looked for long', async () => {
    const watch = new HeartbeatWatch(1500);
    const now = performance.now.bind(performance);
    let skippedMs = 0;
    performance.now = () => now() + skippedMs;
    try {
      expect(await watch.areDead(note(0))).toBe(false);
      skippedMs = 60_000;
      expect(await watch.areDead(note(0))).toBe(false);
      skippedMs *= 2;
      expect(await watch.areDead(note(0))).toBe(true);
    } finally {
      performance.now = now;
    }
  });

  it('takes somebody of this computer for dead when he is', async () => {
    expect(await new HeartbeatWatch(60_000).areDead(note(Date.now(), dead))).toBe(true);
  });
});
