import { randomUUID } from 'node:crypto';
import { type Client, WorkflowFailedError } from '@temporalio/client';
import { ActivityFailure, TimeoutFailure } from '@temporalio/common';
import { FleetError, type NodePlan, type PlanTask } from '@turingpi/fleet/orchestrator';
import { fleetNames } from '../workflow/fleet-names.js';
import type { PlanQuestion } from '../workflow/plan-workflow.js';
import { askUntil } from './ask-until.js';
import { stepFailureIn } from '../workflow/step-failure-in.js';

const ANSWERS_WITHIN_MS = 10 * 60_000;

/**
 * Asks an agent of a site what would become of nodes of a board.
 *
 * @throws FleetError `AGENT_MISSING`, `STEP_FAILED`; the signal's reason.
 */
export async function askForPlan(
  client: Client,
  question: Omit<PlanQuestion, 'answersWithinMs'>,
  signal: AbortSignal,
): Promise<readonly NodePlan[]> {
  const { fleet, site, task } = question;
  try {
    return await askUntil(client, signal, () =>
      client.workflow.execute<(question: PlanQuestion) => Promise<readonly NodePlan[]>>('planWorkflow', {
        workflowId: `${fleet}/plan/${randomUUID()}`,
        taskQueue: fleetNames(fleet).controller,
        args: [{ ...question, answersWithinMs: ANSWERS_WITHIN_MS }],
      }),
    );
  } catch (error) {
    signal.throwIfAborted();
    throw asFleetError(error, site, task);
  }
}

function asFleetError(error: unknown, site: string, { board }: PlanTask): unknown {
  if (!(error instanceof WorkflowFailedError)) return error;
  const { cause } = error;
  const timeout = cause instanceof ActivityFailure ? cause.cause : undefined;
  if (timeout instanceof TimeoutFailure && timeout.timeoutType === 'SCHEDULE_TO_START')
    return new FleetError('AGENT_MISSING', `no agent of the site ${site} has taken the question`, {
      hint: `Start one where the boards are: \`turingpi fleet agent --site ${site}\`.`,
    });
  const { code, message, hint } = stepFailureIn(cause);
  return new FleetError('STEP_FAILED', `${board} on ${site} could not be planned: ${message} (${code})`, {
    hint: hint ?? 'The log of the agent says how.',
  });
}
