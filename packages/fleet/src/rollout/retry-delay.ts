import type { StepFailure } from '../orchestrator/board-steps.js';
import type { RetryPolicy } from '../orchestrator/rollout.js';

/**
 * How long to wait before a step is tried again, in milliseconds.
 *
 * @param attempt - the one that failed, from 1
 * @returns Undefined when it is not tried again.
 */
export function retryDelayMs(failure: StepFailure, attempt: number, policy: RetryPolicy): number | undefined {
  if (!failure.retryable || attempt >= policy.attempts) return undefined;
  return Math.min(policy.firstDelayMs * 2 ** (attempt - 1), policy.maxDelayMs);
}
