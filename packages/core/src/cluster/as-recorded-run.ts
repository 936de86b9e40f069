import { type BoardOfRun, RecordedRun, type RecordedRunParts } from '../run/recorded-run.js';
import type { RunOutcome } from '../run/run-event.js';
import type { NodeSummary } from './cluster-summary.js';
import { outcomeOfRun } from './node-outcome.js';
import type { RunOptions } from './workflow.js';

/**
 * Runs nodes as one run, which is on file.
 *
 * @param parts - of one of the boards, for what all of them share
 * @param work - tells how each node ended
 */
export async function asRecordedRun(
  parts: RecordedRunParts,
  boards: readonly BoardOfRun[],
  options: RunOptions,
  work: (run: RecordedRun) => Promise<readonly NodeSummary[]>,
): Promise<{ readonly runId: string; readonly nodes: readonly NodeSummary[] }> {
  const run = await RecordedRun.begin(parts, boards, options);
  let outcome: RunOutcome = 'failed';
  try {
    const nodes = await work(run);
    outcome = outcomeOfRun(nodes);
    return { runId: run.id, nodes };
  } catch (error) {
    if (run.signal.aborted) outcome = 'aborted';
    else run.note(error instanceof Error ? error.message : String(error));
    throw error;
  } finally {
    await run.end(outcome);
  }
}
