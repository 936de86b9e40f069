import { type Client, isGrpcServiceError, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { hashInputs, type JsonValue } from '@turingpi/core/plugin';
import { FleetError } from '@turingpi/fleet/orchestrator';
import { fleetNames } from '../workflow/fleet-names.js';
import type { RolloutInput } from '../workflow/messages.js';

/** No server takes a larger message; asked all the same, its client would try again for most of a minute. */
const MESSAGE_AT_MOST = 4 << 20;

/**
 * Has Temporal begin a rollout; one that was begun before with the same content is the same one.
 *
 * @throws FleetError `ROLLOUT_EXISTS`, `ROLLOUT_INVALID` for one that is too large
 */
export async function startRollout(client: Client, input: RolloutInput): Promise<void> {
  const { fleet, rollout } = input;
  const names = fleetNames(fleet);
  const workflowId = names.rollout(rollout.id);
  const digest = hashInputs(rollout as unknown as JsonValue);
  if (Buffer.byteLength(JSON.stringify(input)) > MESSAGE_AT_MOST) throw tooLarge(rollout);
  try {
    await client.workflow.start('rolloutWorkflow', {
      workflowId,
      taskQueue: names.controller,
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      memo: { digest },
      args: [input],
    });
  } catch (error) {
    if (isTooLarge(error)) throw tooLarge(rollout, error);
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const { memo } = await client.workflow.getHandle(workflowId).describe();
    if (memo?.['digest'] === digest) return;
    throw new FleetError('ROLLOUT_EXISTS', `there is a rollout "${rollout.id}" with another content`, {
      hint: 'Give this one another id; `turingpi fleet status` lists those that are known.',
    });
  }
}

/** Of gRPC: what was asked is more than the server takes of one argument. */
const INVALID_ARGUMENT = 3;

function isTooLarge(error: unknown): boolean {
  const cause = error instanceof Error && isGrpcServiceError(error.cause) ? error.cause : error;
  if (!isGrpcServiceError(cause)) return false;
  const code: number = cause.code;
  return code === INVALID_ARGUMENT && /size/i.test(cause.details);
}

function tooLarge({ id }: RolloutInput['rollout'], cause?: unknown): FleetError {
  return new FleetError('ROLLOUT_INVALID', `the rollout "${id}" is too large for one message`, {
    hint: 'Split it: `turingpi fleet plan --labels` plans some of the boards.',
    cause,
  });
}
