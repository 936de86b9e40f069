import type { PhaseStartReason } from '../event/event.js';
import type { PhaseRecord } from '../state/state-document.js';

/** Why a phase runs although there may be a record of it. */
export function reasonToRun(record: PhaseRecord | undefined, hash: string): PhaseStartReason {
  if (record === undefined || record.status === 'pending') return 'first run';
  if (record.status === 'running') return 'previous run crashed';
  if (record.input_hash !== hash) return 'inputs changed';
  return record.status === 'failed' ? 'previous run failed' : 'output missing or changed';
}
