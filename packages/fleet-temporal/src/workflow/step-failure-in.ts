import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/common';
import type { StepFailure } from '@turingpi/fleet/orchestrator';
import { UNREADABLE } from '../codec/unreadable.js';

/** What an agent has said of a step that failed, or what is to be said of an agent that says nothing any more. */
export function stepFailureIn(error: unknown): StepFailure {
  const cause = causeOf(error);
  if (cause instanceof ApplicationFailure) {
    const [told] = cause.details ?? [];
    if (told !== undefined && told !== null) return told as StepFailure;
    if (cause.type === UNREADABLE)
      return {
        code: UNREADABLE,
        message: 'an agent of the site has another key than the rest of the fleet',
        hint: 'Give it the same `keys`, by default the variable TPI_FLEET_KEY; `turingpi fleet agents` lists the agents.',
        retryable: true,
      };
  }
  if (isLost(error))
    return {
      code: 'AGENT_LOST',
      message: 'the agent that did it has given no sign of life for too long',
      hint: 'Another agent of the site goes on; `turingpi fleet agents` lists them.',
      retryable: true,
    };
  if (cause instanceof TimeoutFailure)
    return {
      code: 'STEP_TIMED_OUT',
      message: 'it took longer than a step may take',
      hint: 'Look at the board; the log of the agent says what it waited for.',
      retryable: true,
    };
  return { code: 'UNEXPECTED', message: 'the agent failed unexpectedly; its log says how', retryable: true };
}

/** Whether the agent is gone, as far as can be known: which is no failure of the step. */
export function isLost(error: unknown): boolean {
  const cause = causeOf(error);
  return cause instanceof TimeoutFailure && cause.timeoutType === 'HEARTBEAT';
}

function causeOf(error: unknown): unknown {
  return error instanceof ActivityFailure ? error.cause : error;
}
