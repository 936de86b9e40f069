import { sleep } from '@temporalio/workflow';

const FIRST_DELAY_MS = 200;
const MAX_DELAY_MS = 10_000;

/**
 * Signals another workflow, again where it takes no more just now: a run of one takes so many signals (10,000, unless a
 * server says otherwise), and the next run goes on.
 *
 * @returns whether it was taken; false when there is no such workflow (any more)
 */
export async function signalUntilTaken(signal: () => Promise<void>): Promise<boolean> {
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(2 * delayMs, MAX_DELAY_MS)) {
    try {
      await signal();
      return true;
    } catch (error) {
      if (isGone(error)) return false;
    }
    await sleep(delayMs);
  }
}

/** Temporal's library says it in words alone; `crowded-rollout.system.test.ts` holds it to them. */
function isGone(error: unknown): boolean {
  return error instanceof Error && error.message.includes('not found');
}
