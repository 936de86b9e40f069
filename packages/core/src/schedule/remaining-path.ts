import { type NodeName, NODE_IDS, nodeName } from '@turingpi/foundation';
import { PHASES, type PhaseName } from '../phase/phase.js';
import type { ClusterState, PhaseRecord } from '../state/state-document.js';

/** How long a phase takes where no run has shown it yet, in milliseconds: an image of 2 GB, as most are. */
const DEFAULT_MS: Readonly<Record<PhaseName, number>> = {
  image_customization: 30_000,
  os_installation: 480_000,
  post_installation: 60_000,
};

/**
 * How long a phase of a node will take: as last time, else as the same phase of the board's other nodes on average, else as
 * is usual.
 *
 * @returns Milliseconds of work, without waits for others.
 */
export function estimateOf(state: ClusterState, node: NodeName, phase: PhaseName): number {
  const own = durationOf(state[node]?.[phase]);
  if (own !== undefined) return own;
  const others = NODE_IDS.map((id) => durationOf(state[nodeName(id)]?.[phase])).filter(
    (known) => known !== undefined,
  );
  if (others.length === 0) return DEFAULT_MS[phase];
  return others.reduce((sum, known) => sum + known, 0) / others.length;
}

/** How long a node will take from the beginning of a phase to the end of its last one, in milliseconds. */
export function remainingPath(state: ClusterState, node: NodeName, from: PhaseName): number {
  return PHASES.slice(PHASES.indexOf(from)).reduce((sum, phase) => sum + estimateOf(state, node, phase), 0);
}

/** What is on record of it: of the last one that was done, also when another has begun since. */
function durationOf(record: PhaseRecord | undefined): number | undefined {
  const beneath = record?.previous?.['duration_ms'];
  return record?.duration_ms ?? (typeof beneath === 'number' ? beneath : undefined);
}
