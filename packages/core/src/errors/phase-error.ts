import { TuringPiError } from '@turingpi/foundation';

/** A phase could not run, or failed for a reason that has no code of its own. */
export class PhaseError extends TuringPiError<
  'PHASE_FAILED' | 'PHASE_INPUT_MISSING' | 'PHASE_ALREADY_RUNNING' | 'NODE_NOT_CONFIGURED'
> {}
