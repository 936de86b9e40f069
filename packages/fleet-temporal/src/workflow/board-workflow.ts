import {
  allHandlersFinished,
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  setHandler,
} from '@temporalio/workflow';
import { stateOfBoard } from '@turingpi/fleet/decisions';
import type { FleetHappening } from '@turingpi/fleet/orchestrator';
import { fleetNames } from './fleet-names.js';
import { FlashTurns } from './flash-turns.js';
import { awaitBoard, boardFree, type BoardInput, happened } from './messages.js';
import { nodeSteps } from './node-steps.js';
import { Outbox } from './outbox.js';
import { signalUntilTaken } from './signal-until-taken.js';

/**
 * Owns a board and its flash slot, for one rollout: a workflow of its id, which is the board's, is there once.
 *
 * @remarks Cancelled, it tells the steps that run, and ends when the agents have said how they left the board.
 */
export async function boardWorkflow(input: BoardInput): Promise<void> {
  const { fleet, rollout, board } = input;
  const names = fleetNames(fleet);
  const waiting = new Set<string>();
  setHandler(awaitBoard, (id) => void waiting.add(id));
  const root = CancellationScope.current();
  // A rollout that is gone misses nothing.
  const outbox = new Outbox<FleetHappening>((messages) =>
    signalUntilTaken(() => getExternalWorkflowHandle(names.rollout(rollout)).signal(happened, messages)),
  );
  const place = { board: board.board, site: board.site };
  outbox.put({ type: 'board:started', ...place });
  const turns = new FlashTurns();
  const nodes = await Promise.all(
    board.nodes.map((node) => nodeSteps(input, node, { turns, tell: (happening) => outbox.put(happening) })),
  );
  const state = stateOfBoard(nodes, root.consideredCancelled);
  // A cancelled workflow may still say how it ended.
  await CancellationScope.nonCancellable(async () => {
    outbox.put({ type: 'board:ended', ...place, state });
    await outbox.empty();
    await condition(allHandlersFinished);
    const tell = (id: string) =>
      signalUntilTaken(() => getExternalWorkflowHandle(id).signal(boardFree, board.board));
    await Promise.all([...waiting].map(tell)); // one that has ended waits no longer
  });
}
