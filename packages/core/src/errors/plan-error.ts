import { TuringPiError, type TuringPiErrorOptions } from '@turingpi/foundation';

type PlanErrorCode = 'PLAN_OUTDATED' | 'PLAN_UNREADABLE';

/** A plan that was approved is not what a run would do, or is no plan. */
export class PlanError extends TuringPiError<PlanErrorCode> {
  constructor(code: PlanErrorCode, message: string, options: TuringPiErrorOptions) {
    super(code, message, { category: code === 'PLAN_OUTDATED' ? 'approval' : 'configuration', ...options });
  }
}
