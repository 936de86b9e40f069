import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, isGrpcServiceError } from '@temporalio/client';
import { askUntil } from './ask-until.js';

const AGAIN_AFTER_MS = 1000;
/** Of gRPC: nobody answers there. */
const UNAVAILABLE = 14;

/**
 * Asks as {@link askUntil} does, again while the server is away: who follows a rollout outlives a server that is started anew.
 *
 * @param ask - may be asked twice without harm
 * @throws The signal's reason; what the question throws of a server that answers.
 */
export async function askPatiently<T>(
  client: Client,
  signal: AbortSignal,
  ask: () => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      return await askUntil(client, signal, ask);
    } catch (error) {
      if (!isAway(error)) throw error;
    }
    await sleep(AGAIN_AFTER_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

function isAway(error: unknown): boolean {
  const cause = error instanceof Error && isGrpcServiceError(error.cause) ? error.cause : error;
  if (!isGrpcServiceError(cause)) return false;
  const code: number = cause.code;
  return code === UNAVAILABLE;
}
