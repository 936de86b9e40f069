import { describe, expect, it } from 'vitest';
import { Mutex } from './mutex.js';

const never = new AbortController().signal;

function gate(): { open: () => void; opened: Promise<void> } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

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

  it('runs work one after the other in the order of asking, also after a failure', async () => {
    const mutex = new Mutex();
    const first = gate();
    const log: string[] = [];
    const one = mutex.run(async () => {
      await first.opened;
      log.push('one');
      throw new Error('one failed');
    });
    const two = mutex.run(async () => log.push('two'));
    const three = mutex.run(async () => log.push('three'));
    expect(mutex.busy).toBe(true);
    first.open();
    await expect(one).rejects.toThrow('one failed');
    await Promise.all([two, three]);
    expect(log).toEqual(['one', 'two', 'three']);
    expect(mutex.busy).toBe(false);
  });

  it('gives the place of work up that is aborted while it waits, without running it', async () => {
    const mutex = new Mutex();
    const first = gate();
    const abort = new AbortController();
    let ran = false;
    const holder = mutex.run(() => first.opened);
    const waiting = mutex.run(async () => (ran = true), abort.signal);
    abort.abort(new Error('no longer wanted'));
    await expect(waiting).rejects.toThrow('no longer wanted');
    first.open();
    await holder;
    await mutex.run(async () => undefined);
    expect(ran).toBe(false);
  });
});
