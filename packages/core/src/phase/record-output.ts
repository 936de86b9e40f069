import type { PhaseRecord } from '../state/state-document.js';
import { PhaseError } from '../errors/phase-error.js';
import type { PhaseName, PhaseOutputs } from './phase.js';

/**
 * A phase's output as the state file keeps it: whole, and its main facts under names of their own for people.
 *
 * @throws PhaseError `PHASE_FAILED` when a plugin in JavaScript hands nothing on.
 */
export function recordOutput(output: PhaseOutputs[PhaseName]): Partial<PhaseRecord> {
  if (typeof (output as unknown) !== 'object' || (output as unknown) === null)
    throw new PhaseError('PHASE_FAILED', 'a phase ended without handing on its output', {
      hint: 'This is a bug of the plugin that ran it: `execute` returns the output.',
    });
  // What is not data is no part of a record, whatever a plugin adds to its output.
  const plain = JSON.parse(JSON.stringify(output)) as NonNullable<PhaseRecord['output']>;
  return {
    output: plain,
    ...('path' in output ? { output_image_path: output.path, output_sha256: output.sha256 } : {}),
    ...('installationId' in output ? { installation_id: output.installationId } : {}),
    ...(typeof plain['generation'] === 'number' ? { generation: plain['generation'] } : {}),
  };
}
