import { TuringPiError } from '@turingpi/foundation';

/** A run on file cannot be found or read, or is not what was asked for. */
export class RunError extends TuringPiError<
  | 'RUN_NOT_FOUND'
  | 'RUN_AMBIGUOUS'
  | 'RUN_UNREADABLE'
  | 'RUN_UNSUPPORTED_SCHEMA'
  | 'RUN_ENDED'
  | 'RUN_ELSEWHERE'
> {}
