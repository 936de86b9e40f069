import type { PhaseRecord } from '../state/state-document.js';
import type { PhaseName, PhaseOutputs } from './phase.js';

/** A phase's output as the state file keeps it: whole, and its main facts under names of their own for people. */
export function recordOutput(output: PhaseOutputs[PhaseName]): Partial<PhaseRecord> {
  // A JSON round trip drops what is not data, such as closures that a builder's result carries within one process.
  const plain = JSON.parse(JSON.stringify(output)) as NonNullable<PhaseRecord['output']>;
  return {
    output: plain,
    ...('path' in output ? { output_image_path: output.path, output_sha256: output.sha256 } : {}),
    ...('installationId' in output ? { installation_id: output.installationId } : {}),
  };
}
