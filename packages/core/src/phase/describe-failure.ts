import { TuringPiError } from '@turingpi/foundation';
import type { Redactor } from '../logging/redactor.js';

/** An error as events and the state file keep it. */
export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** The code of an interrupted phase or node. */
export const ABORTED = 'ABORTED';

/** Reduces an error to its code and message, with every known secret blotted out. */
export function describeFailure(error: unknown, signal: AbortSignal, redactor: Redactor): Failure {
  if (signal.aborted && !TuringPiError.is(error)) return { code: ABORTED, message: 'stopped by the user' };
  if (TuringPiError.is(error)) return { code: error.code, message: redactor.redact(error.message) };
  return {
    code: 'PHASE_FAILED',
    message: redactor.redact(error instanceof Error ? error.message : String(error)),
  };
}
