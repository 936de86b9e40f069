import { type ErrorCategory, TuringPiError, type TuringPiErrorOptions } from '@turingpi/foundation';

const CATEGORIES = {
  ROLLOUT_EXISTS: 'blocked',
  ROLLOUT_UNKNOWN: 'usage',
  ROLLOUT_INVALID: 'configuration',
  AGENT_MISSING: 'connection',
  FLEET_ENGINE_MISSING: 'configuration',
  SITE_UNKNOWN: 'configuration',
  FLEET_PROGRAM_MISSING: 'configuration',
  STEP_FAILED: 'phase',
  BOARD_UNKNOWN: 'configuration',
  FLEET_USAGE: 'usage',
  FLEET_FILE_EXISTS: 'usage',
  FLEET_FILE_FAILED: 'configuration',
  FLEET_PLAN_UNREADABLE: 'configuration',
  APPROVAL_MISSING: 'approval',
  APPROVAL_INVALID: 'approval',
  APPROVAL_UNKNOWN_OPERATOR: 'approval',
  APPROVAL_FOREIGN: 'approval',
  APPROVAL_EXPIRED: 'approval',
  APPROVAL_OUTDATED: 'approval',
  APPROVAL_USED: 'approval',
} as const satisfies Record<string, ErrorCategory>;

/** Something is wrong with a rollout, or with who should carry it out. */
export class FleetError extends TuringPiError<keyof typeof CATEGORIES> {
  constructor(code: keyof typeof CATEGORIES, message: string, options: TuringPiErrorOptions) {
    super(code, message, { category: CATEGORIES[code], ...options });
  }
}
