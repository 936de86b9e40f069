import type { NodeId } from '@turingpi/foundation';
import { type PhaseSummary, PhaseTally } from '../cluster/cluster-summary.js';
import type { PhaseName } from '../phase/phase.js';
import type { RunEvent } from './run-event.js';

/** What became of a node in a run that is on file. */
export interface RunNodeSummary {
  readonly nodeId: NodeId;
  readonly board?: string;
  readonly hostname: string;
  /** `running` while nothing tells of its end, be it that the run died. */
  readonly outcome: 'not begun' | 'running' | 'completed' | 'failed' | 'blocked' | 'aborted';
  /** Milliseconds, of one that ended. */
  readonly durationMs?: number;
  readonly phases: Readonly<Record<PhaseName, PhaseSummary>>;
  /** Why it did not complete. */
  readonly failure?: Extract<RunEvent, { readonly type: 'node:failed' | 'node:blocked' }>;
}

/** What became of the nodes of a run, as far as its events tell, in the order in which it names them. */
export async function summarizeRun(
  events: AsyncIterable<RunEvent> | Iterable<RunEvent>,
): Promise<readonly RunNodeSummary[]> {
  const nodes = new Map<string, { summary: Omit<RunNodeSummary, 'phases'>; readonly tally: PhaseTally }>();
  for await (const event of events) {
    if (event.type === 'run:started')
      for (const { nodeId, hostname, board } of event.nodes)
        nodes.set(keyOf(nodeId, board), {
          summary: {
            ...{ nodeId, hostname, outcome: 'not begun' },
            ...(board === undefined ? {} : { board }),
          },
          tally: new PhaseTally(nodeId),
        });
    if (!('nodeId' in event)) continue;
    const node = nodes.get(keyOf(event.nodeId, event.board));
    if (node === undefined) continue;
    node.tally.listen(event);
    node.summary = { ...node.summary, ...outcomeIn(event) };
  }
  return [...nodes.values()].map(({ summary, tally }) => ({ ...summary, phases: tally.summary }));
}

function outcomeIn(event: RunEvent): Partial<RunNodeSummary> {
  switch (event.type) {
    case 'node:started':
      return { outcome: 'running' };
    case 'node:completed':
      return { outcome: 'completed', durationMs: event.durationMs };
    case 'node:aborted':
      return { outcome: 'aborted', durationMs: event.durationMs };
    case 'node:failed':
      return { outcome: 'failed', durationMs: event.durationMs, failure: event };
    case 'node:blocked':
      return { outcome: 'blocked', durationMs: event.durationMs, failure: event };
    default:
      return {};
  }
}

function keyOf(nodeId: NodeId, board: string | undefined): string {
  return JSON.stringify([nodeId, board]);
}
