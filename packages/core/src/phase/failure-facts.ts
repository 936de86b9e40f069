import { TuringPiError } from '@turingpi/foundation';
import type { Redactor } from '../logging/redactor.js';
import { describeFailure, type Failure } from './describe-failure.js';

/** What events tell of an error, besides what the state keeps. */
export interface FailureFacts extends Failure {
  readonly hint?: string;
  /** The last lines of the node's serial console, where they were watched. */
  readonly console?: readonly string[];
}

const MOST_LINES = 20;
const LONGEST_LINE = 500;
/** Errors have causes, which have causes: so deep the console is looked for. */
const DEEPEST_CAUSE = 8;

/** Reduces an error to what events tell of it, with every known secret blotted out. */
export function failureFacts(error: unknown, signal: AbortSignal, redactor: Redactor): FailureFacts {
  const hint = TuringPiError.is(error) ? error.hint : undefined;
  const lines = consoleOf(error);
  return {
    ...describeFailure(error, signal, redactor),
    ...(hint === undefined ? {} : { hint: redactor.redact(hint) }),
    ...(lines === undefined ? {} : { console: lines.map((line) => redactor.redact(line)) }),
  };
}

/** The end of the console that an error, or one underneath, has in its details. */
function consoleOf(error: unknown, depth = 0): readonly string[] | undefined {
  if (!(error instanceof Error) || depth > DEEPEST_CAUSE) return undefined;
  const lines = TuringPiError.is(error) ? error.details['console'] : undefined;
  if (Array.isArray(lines) && lines.length > 0)
    return lines
      .filter((line): line is string => typeof line === 'string')
      .slice(-MOST_LINES)
      .map((line) => line.slice(0, LONGEST_LINE));
  return consoleOf(error.cause, depth + 1);
}
