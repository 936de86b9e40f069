import type { FleetEvent, FleetHappening } from '../orchestrator/fleet-event.js';
import type { BoardState, BoardStatus, NodeStatus, RolloutStatus } from '../orchestrator/fleet-status.js';
import type { Rollout } from '../orchestrator/rollout.js';

/** Where a rollout is, by what happened in it so far: what an engine tells and what it shows cannot disagree. */
export function statusOfRollout(
  { id, boards, policy }: Pick<Rollout, 'id' | 'boards'> & Partial<Pick<Rollout, 'policy'>>,
  events: Iterable<FleetEvent>,
): RolloutStatus {
  const all = new Map(
    boards.map(({ board, site, nodes }): [string, BoardStatus] => [
      board,
      { board, site, state: 'waiting', nodes: nodes.map(({ node }) => ({ node, state: 'waiting' })) },
    ]),
  );
  let status: RolloutStatus = {
    id,
    ...(policy === undefined ? {} : { atOnce: policy.atOnce }),
    boards: [],
  };
  for (const event of events) {
    if ('board' in event) {
      const known = all.get(event.board);
      if (known !== undefined) all.set(event.board, afterwards(known, event));
    }
    if (event.type === 'rollout:started') status = { ...status, startedAt: event.at };
    if (event.type === 'rollout:ended') status = { ...status, outcome: event.outcome, endedAt: event.at };
  }
  const { outcome } = status;
  return {
    ...status,
    boards: [...all.values()].map((board) => (outcome === undefined ? board : ended(board))),
  };
}

function afterwards(board: BoardStatus, happening: Extract<FleetHappening, { board: string }>): BoardStatus {
  if (happening.type === 'board:started') return { ...board, state: 'running' };
  if (happening.type === 'board:ended')
    return {
      ...board,
      state: happening.state,
      nodes: board.nodes.map((node) => endedNode(node, happening.state)),
    };
  const nodes = board.nodes.map((node) => (node.node === happening.node ? nodeAfter(node, happening) : node));
  return { ...board, nodes };
}

function nodeAfter(
  { failure: _failure, ...node }: NodeStatus,
  happening: Extract<FleetHappening, { step: string }>,
): NodeStatus {
  const { step } = happening;
  if (happening.type === 'step:failed') {
    const { failure, retryInMs } = happening;
    return { ...node, step, state: retryInMs === undefined ? 'failed' : 'running', failure };
  }
  if (happening.type === 'step:cancelled') return { ...node, step, state: 'cancelled' };
  const isDone = happening.type === 'step:completed' && step === 'postInstall';
  return { ...node, step, state: isDone ? 'completed' : 'running' };
}

/** A node that did not come to its end is what its board is. */
function endedNode(node: NodeStatus, board: BoardState): NodeStatus {
  if (node.state !== 'waiting' && node.state !== 'running') return node;
  return { ...node, state: board === 'cancelled' || node.state === 'running' ? 'cancelled' : 'not started' };
}

function ended(board: BoardStatus): BoardStatus {
  if (board.state !== 'waiting') return board;
  return {
    ...board,
    state: 'not started',
    nodes: board.nodes.map((node) => ({ ...node, state: 'not started' })),
  };
}
