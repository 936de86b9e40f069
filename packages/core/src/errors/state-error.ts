import { TuringPiError } from '@turingpi/foundation';

/**
 * The state, or the secrets beside it, cannot be read or written, or belong to a newer version; or somebody else has what a
 * lease was asked for.
 */
export class StateError extends TuringPiError<
  | 'STATE_UNREADABLE'
  | 'STATE_UNREACHABLE'
  | 'STATE_UNSUPPORTED_VERSION'
  | 'STATE_LOCKED'
  | 'STATE_WRITE_FAILED'
  | 'STATE_LEASE_HELD'
  | 'STATE_LEASE_LOST'
  | 'STATE_NOT_EMPTY'
  | 'STATE_ARCHIVE_BOARDS'
  | 'STATE_ARCHIVE_DAMAGED'
  | 'STATE_ARCHIVE_PASSPHRASE'
  | 'NODE_SECRETS_UNREADABLE'
> {}
