import { type ErrorCategory, TuringPiError, type TuringPiErrorOptions } from '@turingpi/foundation';

const CATEGORIES = {
  ROLLOUT_EXISTS: 'blocked',
  ROLLOUT_UNKNOWN: 'usage',
  ROLLOUT_INVALID: 'configuration',
  AGENT_MISSING: 'connection',
  STEP_FAILED: 'phase',
} as const satisfies Record<string, ErrorCategory>;

/** Something is wrong with a rollout, or with who should carry it out. */
export class FleetError extends TuringPiError<keyof typeof CATEGORIES> {
  constructor(code: keyof typeof CATEGORIES, message: string, options: TuringPiErrorOptions) {
    super(code, message, { category: CATEGORIES[code], ...options });
  }
}
