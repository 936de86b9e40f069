import { setTimeout as sleep } from 'node:timers/promises';
import { nodeArgument, TuringPiError } from '@turingpi/foundation';
import { StateError } from '../errors/state-error.js';
import type { Node } from '../node/node.js';
import type { PhaseName } from './phase.js';

/** Waits before what was done is tried to be recorded again, in milliseconds: a disk may be full for a moment. */
const AGAIN_AFTER_MS = [100, 500, 2000];

/** Writes a record, several times where it cannot be written; a signal ends the waits. */
export async function writtenAtLast(write: () => Promise<void>, signal: AbortSignal): Promise<void> {
  for (const waitMs of AGAIN_AFTER_MS) {
    try {
      await write();
      return;
    } catch (error) {
      if (!isUnwritten(error) || signal.aborted) throw error;
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }
  await write();
}

/** Whether the state could not be written; whoever reads it finds what was there before. */
export function isUnwritten(error: unknown): error is StateError {
  return (
    TuringPiError.is(error) &&
    ['STATE_WRITE_FAILED', 'STATE_LOCKED', 'STATE_UNREACHABLE'].includes(error.code)
  );
}

/** A phase was done, and no record says so. */
export function unrecorded(cause: StateError, phase: PhaseName, node: Node): StateError {
  const advice =
    phase === 'os_installation'
      ? `\`turingpi adopt ${nodeArgument(node.id, node.board)}\` takes what runs there for yours; without it the next run may install it anew.`
      : 'Running again goes on from here.';
  return new StateError(
    cause.code,
    `${phase} of ${node.hostname} is done, but not recorded: ${cause.message}`,
    {
      cause,
      hint: `${cause.hint} ${advice}`,
      details: { phase, node: node.id },
    },
  );
}
