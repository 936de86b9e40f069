import type { NodeName } from '@turingpi/foundation';
import { PHASES } from '../phase/phase.js';
import { type NodeState, type PhaseRecord, pendingPhases, type StateDocument } from './state-document.js';

/**
 * A state in which a node has other records. What only the store knows of a record survives whoever changes it: how often
 * it was claimed, and the journal that an earlier version kept in it, for as long as it is about the same inputs.
 *
 * @param at - ISO 8601, for phases of which nothing is known
 */
export function withPhases(
  state: StateDocument,
  node: NodeName,
  phases: NodeState,
  at: string,
): StateDocument {
  const known = state[node];
  const next: NodeState = { ...pendingPhases(at), ...known, ...phases };
  for (const phase of PHASES) {
    const record = next[phase];
    if (record !== undefined) next[phase] = kept(known?.[phase], record);
  }
  return { ...state, [node]: next };
}

function kept(before: PhaseRecord | undefined, record: PhaseRecord): PhaseRecord {
  const fence = Math.max(before?.fence ?? 0, record.fence ?? 0);
  const isSame = record.fence === undefined && before?.input_hash === record.input_hash;
  const journal = record.journal ?? (isSame ? before?.journal : undefined);
  return {
    ...record,
    ...(fence === 0 ? {} : { fence }),
    ...(journal === undefined ? {} : { journal }),
  };
}
