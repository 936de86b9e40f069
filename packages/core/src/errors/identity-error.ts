import { TuringPiError, type TuringPiErrorOptions } from '@turingpi/foundation';

type IdentityErrorCode =
  | 'STATE_OTHER_BOARD'
  | 'BOARD_CHANGED'
  | 'BOARD_NAMED_TWICE'
  | 'MODULE_CHANGED'
  | 'NODE_OTHER_SYSTEM'
  | 'NODE_NOT_REACHABLE';

/** What answers is not what the records are about, or does not answer. */
export class IdentityError extends TuringPiError<IdentityErrorCode> {
  constructor(code: IdentityErrorCode, message: string, options: TuringPiErrorOptions) {
    super(code, message, { category: code === 'NODE_NOT_REACHABLE' ? 'connection' : 'blocked', ...options });
  }
}
