import type { PhaseName, RunEvent } from '@turingpi/core';
import type { NodeName } from '../../process/node-names.js';

/** Which events of a run are meant. */
export interface RunFilter {
  /** Numbers alone are of any board. */
  readonly node?: readonly NodeName[];
  readonly phase?: PhaseName;
}

/** Whether an event is meant: with a node or phase named, none of the whole run is. */
export function isMeant(event: RunEvent, { node, phase }: RunFilter): boolean {
  if (node !== undefined && !('nodeId' in event && node.some((name) => isNamed(event, name)))) return false;
  return phase === undefined || ('phase' in event && event.phase === phase);
}

function isNamed(
  { nodeId, board }: Extract<RunEvent, { readonly nodeId: unknown }>,
  name: NodeName,
): boolean {
  return (name.board ?? board) === board && (name.id ?? nodeId) === nodeId;
}
