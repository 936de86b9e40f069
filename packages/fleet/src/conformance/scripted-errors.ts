import { type ErrorCategory, TuringPiError } from '@turingpi/foundation';

/** A failure of a step, as an agent may have it. */
class ScriptedError extends TuringPiError {}

function scripted(code: string, message: string, hint: string, category: ErrorCategory): Error {
  return new ScriptedError(code, message, { hint, category });
}

/** An error after which the same step may succeed. */
export function unlucky(): Error {
  return scripted('SAMPLE_UNLUCKY', 'the board did not answer', 'It may answer.', 'connection');
}

/** An error that stays until somebody does something. */
export function refused(): Error {
  return scripted('SAMPLE_REFUSED', 'nobody allowed it', 'Ask somebody.', 'approval');
}
