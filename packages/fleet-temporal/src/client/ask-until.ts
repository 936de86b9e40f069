import { setMaxListeners } from 'node:events';
import type { Client } from '@temporalio/client';

/**
 * Asks Temporal something, until a signal fires: with a signal of the question's own, since the client never lets go of the
 * one that it is given, and one that lives for as long as a rollout would collect a listener for every call.
 *
 * @throws The signal's reason; what the question throws.
 */
export async function askUntil<T>(client: Client, signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const own = new AbortController();
  setMaxListeners(0, own.signal);
  const stop = () => own.abort(signal.reason);
  signal.addEventListener('abort', stop);
  try {
    return await client.withAbortSignal(own.signal, ask);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
