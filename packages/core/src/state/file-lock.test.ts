import { access, mkdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { rejection, temporaryDirectory } from '../cluster/sample-cluster.fixture.js';
import { FileLock } from './file-lock.js';
import { StateFile } from './state-file.js';

afterEach(() => {
  vi.useRealTimers();
});

/** Lets the time pass after which a lock looks after itself, and its look at the file system end. */
async function passTime(directory: string): Promise<void> {
  vi.advanceTimersByTime(10_000);
  for (let round = 0; round < 50; round += 1) await stat(directory);
}

describe('FileLock', () => {
  it('is held by one at a time and leaves nothing behind', async () => {
    const file = path.join(await temporaryDirectory(), 'state.json');
    const first = await FileLock.acquire(file);
    let second: FileLock | undefined;
    const waiting = FileLock.acquire(file).then((lock) => (second = lock));
    await stat(path.dirname(file));
    expect(second).toBeUndefined();
    await first[Symbol.asyncDispose]();
    await (await waiting)[Symbol.asyncDispose]();
    await expect(access(`${file}.lock`)).rejects.toThrow();
  });

  it('fails at once where it cannot be made', async () => {
    const file = path.join(await temporaryDirectory(), 'none', 'state.json');
    expect(await rejection(FileLock.acquire(file))).toMatchObject({ code: 'STATE_WRITE_FAILED' });
  });

  it('gives up on a lock that another process keeps', async () => {
    const file = path.join(await temporaryDirectory(), 'state.json');
    await mkdir(`${file}.lock`);
    const error = await rejection(FileLock.acquire(file, 0));
    expect(error).toMatchObject({ code: 'STATE_LOCKED', hint: expect.any(String) as string });
    expect(error.message).toContain(file);
  });

  it('that was lost stops the write it was for, and does not end the process', async () => {
    const directory = await temporaryDirectory();
    const file = path.join(directory, 'state.json');
    const state = new StateFile(file);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    const write = state.update(async (document) => {
      await rm(`${file}.lock`, { recursive: true });
      await passTime(directory);
      return { ...document, Node1: {} };
    });
    expect(await rejection(write)).toMatchObject({ code: 'STATE_LOCKED' });
    await expect(access(file)).rejects.toThrow();
  });
});
