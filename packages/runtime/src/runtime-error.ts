import { TuringPiError, type TuringPiErrorOptions } from '@turingpi/foundation';
import type { RuntimeErrorCode } from './runtime-error-code.js';
import { RUNTIME_CATEGORIES } from './runtime-categories.js';
import { RUNTIME_HINTS } from './runtime-hints.js';

export type { RuntimeErrorCode } from './runtime-error-code.js';

/** A command, a connection, a file transfer or a key is not as it must be. The message names the thing and the place. */
export class RuntimeError extends TuringPiError<RuntimeErrorCode> {
  constructor(code: RuntimeErrorCode, message: string, options: Partial<TuringPiErrorOptions> = {}) {
    super(code, message, {
      hint: RUNTIME_HINTS[code],
      category: RUNTIME_CATEGORIES[code] ?? 'failed',
      ...options,
    });
  }
}
