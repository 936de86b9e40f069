import { describe, expect, test } from 'vitest';
import { Mutex } from './mutex.js';

function gate(): { open: () => void; opened: Promise<void> } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

describe('Mutex', () => {
  test('runs one after the other in the order of asking, also after a failure', async () => {
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

  test('an abort while waiting gives the place up without running', async () => {
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
