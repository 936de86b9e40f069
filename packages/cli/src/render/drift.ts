import type { DriftedPart } from '@turingpi/provisioning';
import { type NodeId, nodeName } from '@turingpi/foundation';
import type { ErrorRecord } from './error.js';
import { printableLines } from './printable.js';

/** What was found of one node. */
export interface DriftedNode {
  readonly board?: string;
  readonly nodeId: NodeId;
  readonly hostname: string;
  /** Empty where it could not be compared. */
  readonly parts: readonly DriftedPart[];
  readonly error?: ErrorRecord;
}

/** How nodes differ by now, for people: what is as it should be is counted, and what differs is told with its diff. */
export function renderDrift(nodes: readonly DriftedNode[]): string {
  const lines = nodes.flatMap(linesOf);
  return lines.map((line) => `${printableLines(line)}\n`).join('');
}

function linesOf(node: DriftedNode): string[] {
  const { hostname, parts, error } = node;
  const title = `${nameOfDrifted(node)} ${hostname}`;
  if (error !== undefined) return [`${title}: not compared: ${error.code}: ${error.message}`];
  const count = (state: DriftedPart['state']) => parts.filter((part) => part.state === state).length;
  const counts = (['unchanged', 'would change', 'cannot tell'] as const)
    .filter((state) => count(state) > 0)
    .map((state) => `${count(state)} ${state}`);
  return [
    `${title}: ${counts.length === 0 ? 'nothing to compare' : counts.join(', ')}`,
    ...parts.filter(({ state }) => state !== 'unchanged').flatMap(linesOfPart),
  ];
}

function linesOfPart({ kind, action, note, state, diff, why }: DriftedPart): string[] {
  const reason = why === undefined || why === '' ? '' : `: ${why}`;
  return [
    `  ${state.padEnd(13)}${kind} ${action} ${note}${reason}`.trimEnd(),
    ...(diff ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => `      ${line}`),
  ];
}

/** The name of a node, with its board where there are several. */
function nameOfDrifted({ board, nodeId }: Pick<DriftedNode, 'board' | 'nodeId'>): string {
  return board === undefined ? nodeName(nodeId) : `${board}/${nodeName(nodeId)}`;
}
