import { TuringPiError } from '@turingpi/foundation';

/** The state file, or the secrets beside it, cannot be read or written, or belong to a newer version. */
export class StateError extends TuringPiError<
  | 'STATE_UNREADABLE'
  | 'STATE_UNSUPPORTED_VERSION'
  | 'STATE_LOCKED'
  | 'STATE_WRITE_FAILED'
  | 'NODE_SECRETS_UNREADABLE'
> {}
