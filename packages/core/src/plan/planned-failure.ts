import { type InputChange, TuringPiError } from '@turingpi/foundation';
import type { Redactor } from '../logging/redactor.js';
import type { PhaseName } from '../phase/phase.js';
import type { PlannedPhase } from './cluster-plan.js';
import { NotForeseeable } from './not-foreseeable.js';

/**
 * What a plan says of a phase that a run would not come through.
 *
 * @param changes - what differs, where that is why
 */
export function plannedFailure(
  phase: PhaseName,
  error: unknown,
  redactor: Redactor,
  changes: readonly InputChange[],
): PlannedPhase {
  const common = { phase, changes: [], inputHashes: [], unknown: [], power: false };
  if (NotForeseeable.is(error)) return { ...common, decision: 'unknown', unknown: [error.what] };
  if (!TuringPiError.is(error)) {
    const message = redactor.redact(error instanceof Error ? error.message : String(error));
    return { ...common, decision: 'blocked', error: { code: 'PHASE_FAILED', message } };
  }
  const { code, hint } = error;
  return {
    ...common,
    decision: 'blocked',
    error: {
      ...{ code, message: redactor.redact(error.message) },
      ...(hint === '' ? {} : { hint: redactor.redact(hint) }),
    },
    ...(code === 'NEEDS_REINSTALL' ? { changes, takesEffect: 'by a reinstallation' as const } : {}),
  };
}

/**
 * What a plan says of a phase that its workflow did not come to.
 *
 * @param before - what it says of those that it came to
 * @param ended - whether the workflow came to its end
 */
export function notReached(phase: PhaseName, before: readonly PlannedPhase[], ended: boolean): PlannedPhase {
  const common = { phase, changes: [], inputHashes: [], unknown: [], power: false };
  if (ended) return { ...common, decision: 'skip', note: 'the workflow does not come to it' };
  if (before.some(({ decision }) => decision === 'blocked')) return { ...common, decision: 'blocked' };
  return { ...common, decision: 'unknown', unknown: ['what the phase before it hands on'] };
}
