import type { PhaseRecord } from '../state/state-document.js';
import type { PhaseFacts } from './claimed-record.js';
import type { PhaseName, PhaseOutputs } from './phase.js';
import { recordOutput } from './record-output.js';

/**
 * The record of a phase that was done.
 *
 * @param at - ISO 8601
 * @throws PhaseError `PHASE_FAILED` when it handed nothing on.
 */
export function completedRecord(facts: PhaseFacts, output: PhaseOutputs[PhaseName], at: string): PhaseRecord {
  return { ...facts, status: 'completed', timestamp: at, ...recordOutput(output) };
}
