import { TuringPiError } from '@turingpi/foundation';
import { PhaseError } from '../errors/phase-error.js';
import type { LeaseHolder } from '../state/lease.js';
import { describeHolder, MEANWHILE, SOMEBODY } from '../state/lease-errors.js';
import type { PhaseRecord } from '../state/state-document.js';
import type { RecordChange } from '../state/state-store.js';
import type { Node } from '../node/node.js';
import type { PhaseName } from './phase.js';
import { isSameRun } from './same-run.js';

/** A living process runs the phase. */
export function alreadyRunning(phase: PhaseName, node: Node, holder: LeaseHolder): PhaseError {
  const who = describeHolder(holder);
  return new PhaseError('PHASE_ALREADY_RUNNING', `${phase} of ${node.hostname} is being run by ${who}`, {
    hint:
      'Run again with --wait to wait for it, or stop it: `turingpi run list` shows it, `turingpi run cancel` asks it to end. ' +
      'Where it runs no more, its claim ends by itself within a minute.',
    details: { phase, node: node.id, holder: holder.name, ...sinceOf(holder) },
  });
}

function sinceOf({ since, command }: LeaseHolder) {
  return { ...(since === undefined ? {} : { since }), ...(command === undefined ? {} : { command }) };
}

/** What a phase ends with, where the store refused or took its lease; any other error as it is. */
export function ofPhase(error: unknown, phase: PhaseName, node: Node): unknown {
  if (!TuringPiError.is(error)) return error;
  const holder = holderIn(error.details);
  if (error.code === 'STATE_LEASE_HELD') return alreadyRunning(phase, node, holder);
  if (error.code !== 'STATE_LEASE_LOST') return error;
  const why =
    holder === SOMEBODY && !('holder' in error.details) ? `: ${error.message}` : ` by ${holder.name}`;
  return new PhaseError('PHASE_ALREADY_RUNNING', `${phase} of ${node.hostname} was taken over${why}`, {
    hint: error.hint,
  });
}

/** Work on a store whose refusals are told as those of the phase. */
export async function asPhase<T>(work: Promise<T>, phase: PhaseName, node: Node): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw ofPhase(error, phase, node);
  }
}

/** A record that its owner finished after all has the fence that was seen: what was decided on it holds no more. */
export function unlessChanged(
  seen: PhaseRecord | undefined,
  change: RecordChange,
  phase: PhaseName,
  node: Node,
): RecordChange {
  return (current) => {
    if (!isSameRun(current, seen)) throw alreadyRunning(phase, node, MEANWHILE);
    return change(current);
  };
}

/** Who has it, by the details of the store's error. */
function holderIn({ holder, since, command }: Readonly<Record<string, unknown>>): LeaseHolder {
  if (typeof holder !== 'string') return SOMEBODY;
  return {
    name: holder,
    ...(typeof since === 'string' ? { since } : {}),
    ...(typeof command === 'string' ? { command } : {}),
  };
}
