import type { PhaseRecord } from '../state/state-document.js';
import type { NodeChange } from '../state/state-store.js';
import type { PhaseFacts } from './claimed-record.js';
import { ofOnePhase } from './of-one-phase.js';
import type { InstalledNode, PhaseName } from './phase.js';
import { recordOutput } from './record-output.js';

/**
 * The record of an installation that is being run, with what it has put onto the disk; of no other one anything is changed.
 *
 * @param fence - of the run whose installation it is
 * @param output - undefined: what was written is not to be relied on any more
 */
export function withWritten(
  phase: PhaseName,
  fence: number,
  output: InstalledNode | undefined,
  { input_hash = '', image }: PhaseFacts,
): NodeChange {
  const { output: plain = {} } = output === undefined ? {} : recordOutput(output);
  const written = output && { input_hash, ...(image && { image }), output: plain };
  return ofOnePhase(phase, (current) => {
    if (current?.status !== 'running' || current.fence !== fence) return undefined;
    const { written: _before, ...record }: PhaseRecord = current;
    return written === undefined ? record : { ...record, written };
  });
}
