import { isCancellation, sleep } from '@temporalio/workflow';
import { retryDelayMs } from '@turingpi/fleet/decisions';
import type { FleetHappening, NodeStatus, RolloutNode, StepName } from '@turingpi/fleet/orchestrator';
import type { FlashTurns } from './flash-turns.js';
import type { BoardInput } from './messages.js';
import { isLost, stepFailureIn } from './step-failure-in.js';
import { stepOnAgent } from './step-on-agent.js';

/** What the nodes of a board share. */
export interface BoardAtWork {
  readonly turns: FlashTurns;
  readonly tell: (happening: FleetHappening) => void;
}

/** Has the steps of a node done in their order. @returns How it ended; it never throws. */
export async function nodeSteps(
  input: BoardInput,
  node: RolloutNode,
  { turns, tell }: BoardAtWork,
): Promise<Pick<NodeStatus, 'state'>> {
  const inTurns = (step: StepName) => attempts(input, node, step, tell);
  try {
    await inTurns('customise');
    await turns.inTurn(() => inTurns('install'));
    await inTurns('postInstall');
    return { state: 'completed' };
  } catch (error) {
    return { state: isCancellation(error) ? 'cancelled' : 'failed' };
  }
}

/** Has a step done, again where that may help. @throws What ended it. */
async function attempts(
  input: BoardInput,
  node: RolloutNode,
  step: StepName,
  tell: BoardAtWork['tell'],
): Promise<void> {
  const { board, site } = input.board;
  let lost = 0; // agents that died did not fail
  for (let attempt = 1; ; attempt += 1) {
    const about = { board, site, node: node.node, step, attempt };
    tell({ type: 'step:started', ...about });
    try {
      const result = await stepOnAgent(input, node, step);
      tell({ type: 'step:completed', ...about, result });
      return;
    } catch (error) {
      if (isCancellation(error)) {
        tell({ type: 'step:cancelled', ...about });
        throw error;
      }
      if (isLost(error)) lost += 1;
      const failure = stepFailureIn(error);
      const counted = Math.max(1, attempt - lost);
      const retryInMs = retryDelayMs(failure, isLost(error) ? 1 : counted, input.retry);
      tell({ type: 'step:failed', ...about, failure, ...(retryInMs === undefined ? {} : { retryInMs }) });
      if (retryInMs === undefined) throw error;
      await sleep(retryInMs);
    }
  }
}
