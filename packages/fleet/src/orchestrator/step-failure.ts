import { type ErrorCategory, TuringPiError } from '@turingpi/foundation';
import type { StepFailure } from './board-steps.js';

/** What somebody has to do something about: the same attempt ends the same way. */
const FOR_GOOD: ReadonlySet<ErrorCategory> = new Set([
  'usage',
  'configuration',
  'authentication',
  'blocked',
  'approval',
]);

/** What a step has thrown, as data that an engine may keep: no stack, and of an error that is not ours no word. */
export function stepFailureOf(error: unknown): StepFailure {
  if (!TuringPiError.is(error))
    // Whatever it says may hold a secret: nobody has looked at it.
    return {
      code: 'UNEXPECTED',
      message: 'the agent failed unexpectedly; its log says how',
      retryable: true,
    };
  const { code, message, hint, category } = error;
  return { code, message, hint, retryable: !FOR_GOOD.has(category) };
}
