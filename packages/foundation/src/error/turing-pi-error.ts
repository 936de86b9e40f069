import type { ErrorCategory } from './error-category.js';

const BRAND = Symbol.for('@turingpi/core:error');

/** For an error whose class gives none. */
const NO_HINT = 'The message has all that is known about it.';

/** What accompanies an error besides its code and message. */
export interface TuringPiErrorOptions {
  /** The error underneath, kept for logs and `--verbose`. */
  readonly cause?: unknown;
  /** What the user can do about it: one or two sentences, printed under the message. */
  readonly hint: string;
  /** JSON-safe facts for logs and tests; never secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** What kind of error it is. Default: what its class says of the code, else `failed`. */
  readonly category?: ErrorCategory;
}

/**
 * Base of every error that this product throws on purpose.
 *
 * @remarks
 * The `code` is the interface: programs and tests branch on it. The message is for people and may change.
 * Anything that escapes without being one of these is a bug, except an abort: the reason of an `AbortSignal`
 * passes through unwrapped.
 */
export abstract class TuringPiError<Code extends string = string> extends Error {
  readonly [BRAND] = true;
  readonly hint: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly category: ErrorCategory;

  constructor(code: Code, message: string, options: TuringPiErrorOptions);
  // Plugins in plain JavaScript are checked by no compiler: what they leave out must not hide what they report.
  constructor(
    readonly code: Code,
    message: string,
    options?: Partial<TuringPiErrorOptions> | null,
  ) {
    super(message, options && 'cause' in options ? { cause: options.cause } : undefined);
    this.name = new.target.name;
    this.hint = options?.hint ?? NO_HINT;
    this.details = options?.details ?? {};
    this.category = options?.category ?? 'failed';
  }

  /** Tells whether a value is one of our errors; works across two installed copies of core, unlike `instanceof`. */
  static is(value: unknown): value is TuringPiError {
    return typeof value === 'object' && value !== null && BRAND in value;
  }
}
