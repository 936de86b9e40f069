import { TuringPiError, type TuringPiErrorOptions } from '@turingpi/foundation';

type ConformanceErrorCode =
  | 'CONFORMANCE_USAGE'
  | 'CONFORMANCE_SUBJECT_MISSING'
  | 'CONFORMANCE_SUBJECT_INVALID'
  | 'CONFORMANCE_CASE_TIMEOUT';

/** A plugin's suites cannot be run, or one of their cases does not end. */
export class ConformanceError extends TuringPiError<ConformanceErrorCode> {
  constructor(code: ConformanceErrorCode, message: string, options: TuringPiErrorOptions) {
    super(code, message, { category: code === 'CONFORMANCE_USAGE' ? 'usage' : 'configuration', ...options });
  }
}
