import { expect, it } from 'vitest';
import { orInterrupted } from './or-interrupted.js';

it('gives the answer, or why there is none', async () => {
  const { signal } = new AbortController();
  expect(await orInterrupted(signal, Promise.resolve(7))).toBe(7);
  const wrong = new Error('away');
  await expect(orInterrupted(signal, Promise.reject(wrong))).rejects.toBe(wrong);
});

it('lets go of somebody who never answers', async () => {
  const stop = new AbortController();
  const reason = new Error('Ctrl-C');
  const waiting = expect(orInterrupted(stop.signal, new Promise(() => undefined))).rejects.toBe(reason);
  stop.abort(reason);
  await waiting;
  await expect(orInterrupted(stop.signal, new Promise(() => undefined))).rejects.toBe(reason);
});
