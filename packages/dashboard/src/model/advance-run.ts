import type { RunEvent } from '@turingpi/core/plugin';
import { advanceNode, endOpen } from './advance-node.js';
import type { NodeRunEvent } from './node-run-event.js';
import { type BoardView, EMPTY_RUN, type NodeView, type RunView } from './run-view.js';

type RunStarted = Extract<RunEvent, { type: 'run:started' }>;

/** A run from its first event on: any beginning of a run's events makes a view. */
export function foldRun(events: Iterable<RunEvent>): RunView {
  return advanceRun(EMPTY_RUN, events);
}

/**
 * The view after further events. Those that it has seen already (by `seq`) and kinds that it does not know, of a later
 * version, change nothing; the view that is given is not changed.
 */
export function advanceRun(view: RunView, events: Iterable<RunEvent>): RunView {
  let advanced = view;
  for (const event of events) if (event.seq > advanced.seq) advanced = advanceByOne(advanced, event);
  return advanced;
}

function advanceByOne(before: RunView, event: RunEvent): RunView {
  const at = timeOf(event, before);
  const view = { ...before, seq: event.seq, lastAt: at, startedAt: before.startedAt ?? at };
  switch (event.type) {
    case 'run:started':
      return started(view, event);
    case 'run:cancelling':
      return { ...view, status: 'cancelling', cancelledBy: event.by };
    case 'run:note':
      return { ...view, notes: [...view.notes, event.text] };
    case 'run:ended':
      return {
        ...view,
        status: event.outcome,
        endedAt: at,
        nodes: view.nodes.map((node) => endOpen(node, at, 'aborted')),
      };
    default:
      return 'nodeId' in event ? withNode(view, event, at) : view;
  }
}

/** Never before the event before it: a clock that was set back must not turn the timeline around. */
function timeOf(event: RunEvent, { lastAt }: RunView): number {
  const at = Date.parse(event.at);
  if (Number.isNaN(at)) return lastAt ?? 0;
  return Math.max(at, lastAt ?? at);
}

function started(view: RunView, event: RunStarted): RunView {
  const { runId, command, version, host, pid } = event;
  const boards = event.boards.map((board): BoardView => ({
    name: board.name ?? '',
    address: board.address,
    simulated: board.simulated ?? false,
  }));
  const nodes = event.nodes.map(({ board = '', ...node }) => ({ ...emptyNode, ...node, board }));
  return { ...view, facts: { runId, command, version, host, pid }, boards, nodes: inOrder(nodes, boards) };
}

const emptyNode = {
  status: 'waiting',
  power: 'unknown',
  phases: [],
  actions: [],
  resources: [],
} satisfies Partial<NodeView>;

function withNode(view: RunView, event: NodeRunEvent, at: number): RunView {
  const { nodeId, hostname, board = '' } = event;
  const place = view.nodes.findIndex((node) => node.nodeId === nodeId && node.board === board);
  const node = view.nodes[place];
  if (node !== undefined) return { ...view, nodes: view.nodes.with(place, advanceNode(node, event, at)) };
  // One that the run did not announce.
  const boards = view.boards.some(({ name }) => name === board)
    ? view.boards
    : [...view.boards, { name: board, simulated: false }];
  const added = advanceNode({ ...emptyNode, nodeId, hostname, board }, event, at);
  return { ...view, boards, nodes: inOrder([...view.nodes, added], boards) };
}

function inOrder(nodes: readonly NodeView[], boards: readonly BoardView[]): readonly NodeView[] {
  const place = new Map(boards.map(({ name }, index) => [name, index]));
  const of = ({ board }: NodeView) => place.get(board) ?? boards.length;
  return nodes.toSorted((a, b) => of(a) - of(b) || a.nodeId - b.nodeId);
}
