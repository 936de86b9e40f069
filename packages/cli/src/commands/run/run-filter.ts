import type { PhaseName, RunEvent } from '@turingpi/core';
import type { NodeId } from '@turingpi/foundation';

/** Which events of a run are meant. */
export interface RunFilter {
  readonly node?: readonly NodeId[];
  readonly phase?: PhaseName;
}

/** Whether an event is meant: with a node or phase named, none of the whole run is. */
export function isMeant(event: RunEvent, { node, phase }: RunFilter): boolean {
  if (node !== undefined && !('nodeId' in event && node.includes(event.nodeId))) return false;
  return phase === undefined || ('phase' in event && event.phase === phase);
}
