import type { Client } from '@temporalio/client';

/**
 * Asks the server, until a signal fires.
 *
 * @remarks The client leaves its listener on the signal that it is given: each question gets one of its own, so that who asks
 * again and again for days collects none.
 */
export function askUntil<T>(client: Client, signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
  return client.withAbortSignal(AbortSignal.any([signal]), ask);
}
