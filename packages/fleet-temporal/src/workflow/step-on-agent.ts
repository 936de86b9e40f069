import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { RolloutNode, StepName, StepResult, StepTask } from '@turingpi/fleet/orchestrator';
import type { StepActivities } from '../activity/step-activities.js';
import { fleetNames } from './fleet-names.js';
import type { BoardInput } from './messages.js';

/** Has an agent of the board's site do one step once; whether it is tried again is decided by who asks. */
export function stepOnAgent(input: BoardInput, node: RolloutNode, step: StepName): Promise<StepResult> {
  const { fleet, rollout, board, reinstall, limits, timings, trace } = input;
  const activities = proxyActivities<StepActivities>({
    taskQueue: fleetNames(fleet).queue(board.site, step),
    startToCloseTimeout: timings.atMostMs[step],
    heartbeatTimeout: timings.lostAfterMs,
    retry: { maximumAttempts: 1 },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  });
  const task: StepTask = {
    ...{ rollout, board: board.board, reinstall },
    ...(trace === undefined ? {} : { trace }),
    ...node,
  };
  return activities[step](task, limits);
}
