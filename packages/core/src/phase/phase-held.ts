import { TuringPiError } from '@turingpi/foundation';
import { PhaseError } from '../errors/phase-error.js';
import { SOMEBODY } from '../state/lease-errors.js';
import type { Node } from '../node/node.js';
import type { PhaseName } from './phase.js';

/** A living process runs the phase. */
export function alreadyRunning(phase: PhaseName, node: Node, holder: string): PhaseError {
  return new PhaseError('PHASE_ALREADY_RUNNING', `${phase} of ${node.hostname} is being run by ${holder}`, {
    hint: `Wait for it to end, or stop it, and run again. Where it runs no more, its claim ends by itself within a minute.`,
  });
}

/** What a phase ends with, where the store refused or took its lease; any other error as it is. */
export function ofPhase(error: unknown, phase: PhaseName, node: Node): unknown {
  if (!TuringPiError.is(error)) return error;
  const { holder: name } = error.details;
  const holder = typeof name === 'string' ? name : SOMEBODY.name;
  if (error.code === 'STATE_LEASE_HELD') return alreadyRunning(phase, node, holder);
  if (error.code !== 'STATE_LEASE_LOST') return error;
  return new PhaseError('PHASE_ALREADY_RUNNING', `${phase} of ${node.hostname} was taken over by ${holder}`, {
    hint: error.hint,
  });
}
