import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { silentLogger } from '@turingpi/foundation';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FlashLock } from './flash-lock.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'flash-lock-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const quiet = { logger: silentLogger, onWait: () => undefined };

describe('FlashLock', () => {
  test('one flash at a time per board, in the order of asking; another board is not waited for', async () => {
    const log: string[] = [];
    let open: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    const notes: string[] = [];
    const board = path.join(dir, 'board');
    const first = new FlashLock(board).run(quiet, async () => {
      await opened;
      log.push('first');
    });
    const second = new FlashLock(board).run({ ...quiet, onWait: (note) => notes.push(note) }, async () =>
      log.push('second'),
    );
    await new FlashLock(path.join(dir, 'other')).run(quiet, async () => log.push('other'));
    open();
    await Promise.all([first, second]);
    expect(log).toEqual(['other', 'first', 'second']);
    expect(notes).toEqual(['waiting for another flash on this board']);
  });

  test('a lock that cannot be made is told by its code', async () => {
    await writeFile(path.join(dir, 'file'), '');
    const lock = new FlashLock(path.join(dir, 'file', 'board'));
    await expect(lock.run(quiet, () => Promise.resolve())).rejects.toMatchObject({
      code: 'BMC_FLASH_LOCKED',
    });
  });

  test('another process that holds the lock is waited for, by name, and an abort ends the waiting', async () => {
    const file = path.join(dir, 'board');
    const holder = spawn(process.execPath, ['-e', `process.stdin.on('data', () => process.exit(0))`]);
    await mkdir(`${file}.lock`);
    await writeFile(
      path.join(`${file}.lock`, 'its note'),
      JSON.stringify({ pid: holder.pid, host: hostname(), since: '2026-01-02T03:04:05.678Z' }),
    );
    const abort = new AbortController();
    const notes: string[] = [];
    const waiting = new FlashLock(file).run(
      {
        logger: silentLogger,
        signal: abort.signal,
        onWait: (note) => {
          notes.push(note);
          abort.abort(new Error('stopped by the user'));
        },
      },
      () => Promise.resolve('ran'),
    );
    await expect(waiting).rejects.toThrow('stopped by the user');
    const who = `waiting for process ${holder.pid} on ${hostname()}, which is flashing on this board since 2026-01-02T03:04:05.678Z`;
    expect(notes).toEqual([who]);
    expect(await new FlashLock(file).holder()).toEqual({
      pid: holder.pid,
      host: hostname(),
      since: '2026-01-02T03:04:05.678Z',
      ended: false,
    });
    holder.stdin.write('x');
    await once(holder, 'exit');
    expect(await new FlashLock(file).holder()).toMatchObject({ pid: holder.pid, ended: true });
    await expect(new FlashLock(file).run(quiet, () => Promise.resolve('ran'))).resolves.toBe('ran');
    expect(await new FlashLock(file).holder()).toBeUndefined();
  });
});
