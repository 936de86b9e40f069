import type { PhaseRecord } from '../state/state-document.js';
import type { PhaseFacts } from './claimed-record.js';
import type { PhaseName, PhaseOutputs } from './phase.js';
import { recordOutput } from './record-output.js';

/**
 * The record of a phase that was done.
 *
 * @param done - `at`: ISO 8601; `durationMs`: how long its work took, without waits for others
 * @throws PhaseError `PHASE_FAILED` when it handed nothing on.
 */
export function completedRecord(
  facts: PhaseFacts,
  output: PhaseOutputs[PhaseName],
  { at, durationMs }: { readonly at: string; readonly durationMs: number },
): PhaseRecord {
  // A clock that was set back during the phase makes it no shorter than nothing.
  const duration = Math.max(0, Math.round(durationMs));
  return { timestamp: at, duration_ms: duration, ...facts, status: 'completed', ...recordOutput(output) };
}
