import { type ErrorCategory, TuringPiError } from '@turingpi/foundation';
import { Interruption } from './interruption.js';

/** Exit codes by what went wrong; 1 is everything else. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  configuration: 3,
  unreachable: 4,
  phase: 5,
  changesRemain: 6,
  interrupted: 130,
} as const;

const BY_CATEGORY: Readonly<Record<ErrorCategory, number>> = {
  usage: EXIT.usage,
  configuration: EXIT.configuration,
  connection: EXIT.unreachable,
  authentication: EXIT.unreachable,
  phase: EXIT.phase,
  blocked: EXIT.phase,
  approval: EXIT.changesRemain,
  failed: EXIT.failed,
};

/** The exit code for an error; whatever an interruption ended in, as `COMMAND_STILL_RUNNING`, it is an interruption. */
export function exitCodeOf(error: unknown): number {
  if (isInterruption(error)) return EXIT.interrupted;
  if (error instanceof Error && error.name === 'AbortError') return EXIT.interrupted;
  if (!TuringPiError.is(error)) return EXIT.failed;
  // One of another copy of core may have a category that is not known here, or none.
  return new Map<unknown, number>(Object.entries(BY_CATEGORY)).get(error.category) ?? EXIT.failed;
}

function isInterruption(error: unknown): boolean {
  if (error instanceof Interruption) return true;
  return error instanceof Error && isInterruption(error.cause);
}
