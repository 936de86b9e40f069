import { TuringPiError } from '@turingpi/foundation';

/** What answers is not what the records are about, or does not answer. */
export class IdentityError extends TuringPiError<
  'STATE_OTHER_BOARD' | 'BOARD_CHANGED' | 'MODULE_CHANGED' | 'NODE_OTHER_SYSTEM' | 'NODE_NOT_REACHABLE'
> {}
