import { once } from 'node:events';

/**
 * Waits for an answer, until Ctrl-C: a server that is frozen keeps nobody.
 *
 * @throws The signal's reason; why there is no answer.
 */
export async function orInterrupted<T>(signal: AbortSignal, answer: Promise<T>): Promise<T> {
  const waiting = new AbortController();
  const stopped = signal.aborted ? Promise.resolve() : once(signal, 'abort', { signal: waiting.signal });
  answer.catch(() => undefined); // nobody waits for it any more, then
  try {
    return await Promise.race([
      answer,
      stopped.then(() => {
        throw signal.reason as Error;
      }),
    ]);
  } finally {
    waiting.abort();
    await Promise.allSettled([stopped]);
  }
}
