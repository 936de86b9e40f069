import { describe, expect, it } from 'vitest';
import { Mutex } from './mutex.js';

const never = new AbortController().signal;

describe('Mutex', () => {
  it('lets one in at a time, in the order of arrival', async () => {
    const mutex = new Mutex();
    const log: string[] = [];
    await Promise.all(
      ['a', 'b', 'c'].map(async (name) => {
        const release = await mutex.acquire(never);
        log.push(`${name} in`);
        await new Promise((resolve) => setImmediate(resolve));
        log.push(`${name} out`);
        release();
      }),
    );
    expect(log).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
  });

  it('lets those who are aborted while waiting go, and skips them', async () => {
    const mutex = new Mutex();
    const abort = new AbortController();
    const release = await mutex.acquire(never);
    const waiting = mutex.acquire(abort.signal);
    const next = mutex.acquire(never);
    abort.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    release();
    (await next)();
    await expect(mutex.acquire(never)).resolves.toBeTypeOf('function');
  });

  it('refuses at once when the signal has fired', async () => {
    await expect(new Mutex().acquire(AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  });

  it('does not end the next one’s turn when a turn is ended twice', async () => {
    const mutex = new Mutex();
    const first = await mutex.acquire(never);
    const second = mutex.acquire(never);
    first();
    await second;
    first();
    const abort = new AbortController();
    const third = mutex.acquire(abort.signal);
    abort.abort(new Error('still held'));
    await expect(third).rejects.toThrow('still held');
  });
});
