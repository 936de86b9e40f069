import type { NodeId } from '@turingpi/foundation';
import type { ClusterConfig } from '../config/cluster-config.js';
import { EraseMeeting } from '../erasure/erase-meeting.js';
import { IdentityError } from '../errors/identity-error.js';
import { PhaseRange } from '../phase/phase-range.js';
import { asRecordedRun } from './as-recorded-run.js';
import type { ClusterSummary } from './cluster-summary.js';
import type { NodeRuns } from './node-runs.js';
import type { Provision, RunOptions } from './workflow.js';

/** A board in a run of one or several. */
export interface BoardRun {
  readonly runs: NodeRuns;
  readonly provision: Provision<unknown>;
  /** Default: all that are configured. */
  readonly nodes?: readonly NodeId[] | undefined;
  /** How its nodes are run. */
  readonly options: RunOptions;
}

/**
 * Runs nodes of boards as one run: it has one file, one question about what is erased, and one end.
 *
 * @param origin - what tells of the run as a whole, and stops it
 * @throws PhaseError `NODE_NOT_CONFIGURED`; with one board what keeps it from being run at all. With several that ends
 * its nodes, and the others go on.
 */
export async function runBoards(boards: readonly BoardRun[], origin: RunOptions): Promise<ClusterSummary> {
  const parts = boards.map((board) => ({ ...board, part: board.runs.asPart(board.nodes) }));
  const [first] = parts;
  if (first === undefined) throw new TypeError('a run needs a board');
  for (const { options } of boards) new PhaseRange(options); // an empty one is told before anything is looked at
  const { now } = first.part.parts;
  const startedAt = now();
  const meeting = new EraseMeeting();
  const stop = new AbortController();
  const members = parts.map((board) => ({ ...board, gate: board.runs.gate(meeting) }));
  const { runId, nodes } = await asRecordedRun(
    first.part.parts,
    parts.map(({ part }) => part),
    origin,
    async (run) => {
      const named = new Map<string, string>();
      for (const { gate, part } of members) for (const id of part.nodes) gate.expect(id);
      const ended = await Promise.all(
        members.map(async ({ runs, provision, options, part, gate }) => {
          const place = { run, gate, stop };
          try {
            const board = await runs.prepare(run.signal, options);
            assertNamedOnce(named, board, part.parts.config);
            return await runs.runNodes(provision, part.nodes, options, place);
          } catch (error) {
            if (members.length === 1) throw error;
            return await runs.endNodes(part.nodes, error, place);
          }
        }),
      );
      return ended.flat();
    },
  );
  const remarks = boards.flatMap(({ runs }) => runs.takeRemarks());
  return {
    runId,
    nodes,
    durationMs: now().getTime() - startedAt.getTime(),
    completed: nodes.every(({ outcome }) => outcome === 'completed'),
    ...(remarks.length > 0 && { remarks }),
  };
}

/** Two names for one board would be two records of what is on its nodes. */
function assertNamedOnce(
  named: Map<string, string>,
  board: string | undefined,
  { boardName = '' }: Pick<ClusterConfig, 'boardName'>,
): void {
  if (board === undefined) return;
  const other = named.get(board);
  named.set(board, other ?? boardName);
  if (other === undefined) return;
  throw new IdentityError(
    'BOARD_NAMED_TWICE',
    `${boardName} and ${other} are one board: both addresses lead to ${board}`,
    { hint: 'Take one of the two out of `boards`, or correct its `ip`.', details: { board } },
  );
}
