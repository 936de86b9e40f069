import { type ErrorCategory, TuringPiError, type TuringPiErrorOptions } from '@turingpi/foundation';

type PhaseErrorCode =
  | 'ACTION_WOULD_REPEAT'
  | 'PHASE_FAILED'
  | 'PHASE_INPUT_MISSING'
  | 'PHASE_ALREADY_RUNNING'
  | 'PHASE_NOT_WANTED'
  | 'PHASE_RANGE_EMPTY'
  | 'HOOK_FAILED'
  | 'RUN_STOPPED'
  | 'NODE_NOT_CONFIGURED'
  | 'BOARD_NOT_CONFIGURED';

const CATEGORIES: Readonly<Partial<Record<PhaseErrorCode, ErrorCategory>>> = {
  ACTION_WOULD_REPEAT: 'approval',
  NODE_NOT_CONFIGURED: 'failed',
  BOARD_NOT_CONFIGURED: 'failed',
};

/** A phase could not run, or failed for a reason that has no code of its own. */
export class PhaseError extends TuringPiError<PhaseErrorCode> {
  constructor(code: PhaseErrorCode, message: string, options: TuringPiErrorOptions) {
    super(code, message, { category: CATEGORIES[code] ?? 'phase', ...options });
  }
}
