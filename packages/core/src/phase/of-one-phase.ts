import type { PhaseRecord } from '../state/state-document.js';
import type { NodeChange } from '../state/state-store.js';
import type { PhaseName } from './phase.js';

/** A change of one phase's record as a change of its node; undefined leaves everything as it is. */
export function ofOnePhase(
  phase: PhaseName,
  change: (current: PhaseRecord | undefined) => PhaseRecord | undefined,
): NodeChange {
  return (phases = {}) => {
    const record = change(phases[phase]);
    return record && { ...phases, [phase]: record };
  };
}
