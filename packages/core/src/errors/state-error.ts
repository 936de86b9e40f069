import { TuringPiError } from './turing-pi-error.js';

/** The state file cannot be read or written, or belongs to a newer version. */
export class StateError extends TuringPiError<
  'STATE_UNREADABLE' | 'STATE_UNSUPPORTED_VERSION' | 'STATE_LOCKED' | 'STATE_WRITE_FAILED'
> {}
