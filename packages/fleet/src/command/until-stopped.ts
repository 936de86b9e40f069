import { once } from 'node:events';
import type { CommandContext } from '@turingpi/cli/plugin';
import type { FleetWorkers } from '../engine/fleet-engine.js';

/**
 * Waits until workers are told to end, and for their end.
 *
 * @param onStop - is called when they are told so
 * @returns The exit code.
 * @throws Why they could not go on.
 */
export async function untilStopped(
  workers: FleetWorkers,
  { signal }: Pick<CommandContext, 'signal'>,
  onStop: () => void,
): Promise<number> {
  const waiting = new AbortController();
  const stopped = signal.aborted ? Promise.resolve() : once(signal, 'abort', { signal: waiting.signal });
  try {
    await Promise.race([workers.ended, stopped]);
  } finally {
    waiting.abort();
    await Promise.allSettled([stopped]);
  }
  if (signal.aborted) onStop();
  await workers[Symbol.asyncDispose]();
  return 0;
}
