import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { hashInputs, type JsonValue } from '@turingpi/core/plugin';
import { FleetError } from '@turingpi/fleet/orchestrator';
import { fleetNames } from '../workflow/fleet-names.js';
import type { RolloutInput } from '../workflow/messages.js';

/**
 * Has Temporal begin a rollout; one that was begun before with the same content is the same one.
 *
 * @throws FleetError `ROLLOUT_EXISTS`
 */
export async function startRollout(client: Client, input: RolloutInput): Promise<void> {
  const { fleet, rollout } = input;
  const names = fleetNames(fleet);
  const workflowId = names.rollout(rollout.id);
  const digest = hashInputs(rollout as unknown as JsonValue);
  try {
    await client.workflow.start('rolloutWorkflow', {
      workflowId,
      taskQueue: names.controller,
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      memo: { digest },
      args: [input],
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const { memo } = await client.workflow.getHandle(workflowId).describe();
    if (memo?.['digest'] === digest) return;
    throw new FleetError('ROLLOUT_EXISTS', `there is a rollout "${rollout.id}" with another content`, {
      hint: 'Give this one another id; `turingpi fleet status` lists those that are known.',
    });
  }
}
