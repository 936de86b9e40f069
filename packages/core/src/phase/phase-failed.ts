import { PhaseError } from '../errors/phase-error.js';
import type { Node } from '../node/node.js';
import type { Failure } from './describe-failure.js';
import type { PhaseName } from './phase.js';

/** The error of a phase that failed for a reason that has no code of its own. */
export function phaseFailed(
  phase: PhaseName,
  { id, hostname }: Node,
  failure: Failure,
  cause: unknown,
): PhaseError {
  return new PhaseError('PHASE_FAILED', `${phase} of ${hostname} failed: ${failure.message}`, {
    cause,
    hint: 'The log has the whole chain of errors. Running again goes on from here.',
    details: { phase, node: id },
  });
}
