import { TuringPiError, type TuringPiErrorOptions } from '@turingpi/foundation';
import type { BmcErrorCode } from './bmc-error-code.js';
import { BMC_CATEGORIES } from './bmc-categories.js';
import { BMC_HINTS } from './bmc-hints.js';

export type {
  BmcErrorCode,
  ConnectionErrorCode,
  RequestErrorCode,
  FlashErrorCode,
} from './bmc-error-code.js';

/** Everything that the BMC client throws on purpose, except the reason of an abort. */
export class BmcError extends TuringPiError<BmcErrorCode> {
  constructor(code: BmcErrorCode, message: string, options: Partial<TuringPiErrorOptions> = {}) {
    super(code, message, { hint: BMC_HINTS[code], category: BMC_CATEGORIES[code] ?? 'failed', ...options });
  }

  /** Narrows a caught value by code; works across two installed copies of this package. */
  static hasCode(value: unknown, ...codes: readonly BmcErrorCode[]): value is BmcError {
    return TuringPiError.is(value) && (codes as readonly string[]).includes(value.code);
  }
}
