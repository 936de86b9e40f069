import type { PhaseRecord } from '../state/state-document.js';
import type { RecordChange } from '../state/state-store.js';
import { defined } from './defined.js';
import type { PhaseName } from './phase.js';

/** What decided a phase's result, as its record keeps it. */
export type PhaseFacts = Partial<
  Pick<
    PhaseRecord,
    | 'input_hash'
    | 'inputs'
    | 'recipe'
    | 'image'
    | 'generation'
    | 'owed'
    | 'done_before'
    | 'tried'
    | 'in_place'
    | 'seen_at'
    | 'timestamp'
    | 'duration_ms'
  >
>;

/**
 * The record of a phase that begins. A finished installation stays on record beneath it until its disk is erased.
 *
 * @param at - ISO 8601
 */
export function claimedRecord(phase: PhaseName, facts: PhaseFacts, at: string): RecordChange {
  return (current) => ({
    ...facts,
    status: 'running',
    timestamp: at,
    ...(phase === 'os_installation' ? beneath(current, facts) : {}),
  });
}

/** What a running installation keeps of the record before it. */
function beneath(current: PhaseRecord | undefined, facts: PhaseFacts): Partial<PhaseRecord> {
  if (current === undefined) return {};
  const { erased, voided, generation, previous, written } = current;
  const { owner: _owner, journal: _journal, fence: _fence, tried: _tried, ...finished } = current;
  const stands = current.status === 'completed' ? (finished as PhaseRecord['previous']) : previous;
  const tried = facts.tried ?? current.tried;
  return defined({ erased, voided, generation, tried, previous: stands, written });
}
