import type { BoardSet, ClusterSummary, NodeSummary, PhaseRecord } from '@turingpi/core';
import { formatNodeName } from '../process/node-names.js';
import { errorRecord } from '../render/error.js';
import type { RunEnd } from '../render/run-end.js';

/** What ran. */
interface Ran {
  /** The command, such as `up`. */
  readonly command: string;
  /** The configuration, where the command line named one. */
  readonly config: string | undefined;
}

/**
 * What people need to know at the end of a run: where nodes are, how those were left that were stopped, and what to do
 * next.
 */
export async function endOfRun(summary: ClusterSummary, boards: BoardSet, ran: Ran): Promise<RunEnd> {
  const left = new Map<NodeSummary, string>();
  for (const node of summary.nodes.filter(({ outcome }) => outcome === 'aborted')) {
    const records = await boards.clusters.get(node.board)?.status();
    const installation = records?.get(node.nodeId)?.os_installation;
    if (installation !== undefined) left.set(node, leftAs(installation));
  }
  return {
    addressOf: ({ board, nodeId }) => boards.clusters.get(board)?.config.nodes.get(nodeId)?.ip,
    leftAs: (node) => left.get(node),
    next: nextSteps(summary, ran),
  };
}

/** By what is on record after the run: an erasure is noted before the first byte is written. */
function leftAs({ status, erased }: PhaseRecord): string {
  if (status === 'completed') return 'its system is installed';
  return erased === true
    ? 'its old system is gone, and the next run installs it'
    : 'its disk was not touched';
}

function nextSteps({ nodes, completed, runId }: ClusterSummary, { command, config }: Ran): string[] {
  const [first] = nodes;
  const ran = nodes.some(({ phases }) => Object.values(phases).some(({ outcome }) => outcome !== 'skipped'));
  if (first === undefined || (completed && !ran)) return [];
  const file = config === undefined ? '' : ` -c ${config}`;
  const failed = nodes.find(({ outcome }) => outcome === 'failed');
  const goesOn = failed !== undefined || nodes.some(({ outcome }) => outcome === 'aborted');
  const steps: readonly (readonly [command: string, what: string])[] = [
    ...(completed
      ? ([[`node ssh ${formatNodeName({ ...first, id: first.nodeId })}${file}`, 'log in']] as const)
      : []),
    ...(failed === undefined
      ? []
      : ([[`explain ${errorRecord(failed.error).code}`, 'what it means']] as const)),
    // A reinstallation that was stopped is an installation that is not finished: `up` goes on with it.
    ...(goesOn
      ? ([[`${command === 'reinstall' ? 'up' : command}${file}`, 'goes on where this one stopped']] as const)
      : []),
    [`run show ${runId}${file}`, 'this run, step by step'],
    [`run report ${runId}${file} > report.html`, 'as a page'],
  ];
  const width = Math.max(...steps.map(([step]) => step.length));
  return steps.map(([step, what]) => `turingpi ${step.padEnd(width)}  ${what}`);
}
