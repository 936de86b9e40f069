import { getEventListeners } from 'node:events';
import type { Client } from '@temporalio/client';
import { expect, it } from 'vitest';
import { askUntil } from './ask-until.js';

/** As much of a client as is asked, which keeps a listener as the real one does. */
function clientThat(seen: AbortSignal[]): Client {
  const withAbortSignal = <T>(signal: AbortSignal, ask: () => Promise<T>) => {
    signal.addEventListener('abort', () => undefined);
    seen.push(signal);
    return ask();
  };
  return { withAbortSignal } as unknown as Client;
}

it('leaves no listener on a signal that outlives the question', async () => {
  const { signal } = new AbortController();
  for (let time = 0; time < 20; time += 1)
    expect(await askUntil(clientThat([]), signal, () => Promise.resolve(time))).toBe(time);
  await askUntil(clientThat([]), signal, () => Promise.reject(new Error('no'))).catch(() => undefined);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

it('ends the question with the reason of the signal, also one that has fired before', async () => {
  const stop = new AbortController();
  const seen: AbortSignal[] = [];
  const asked = askUntil(clientThat(seen), stop.signal, async () => {
    stop.abort(new Error('enough'));
    return Promise.reject(new Error(`cancelled: ${seen[0]?.aborted}`));
  });
  await expect(asked).rejects.toThrow('enough');
  expect(seen[0]?.aborted).toBe(true);
  await expect(askUntil(clientThat(seen), stop.signal, () => Promise.resolve(1))).rejects.toThrow('enough');
  expect(seen).toHaveLength(1);
});
