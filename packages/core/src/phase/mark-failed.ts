import { type NodeName, TuringPiError } from '@turingpi/foundation';
import type { PhaseLease } from '../state/lease.js';
import type { StateStore } from '../state/state-store.js';
import type { Failure } from './describe-failure.js';
import { failedRecord, isMarkedByEarlyFailure } from './failed-record.js';
import { ofOnePhase } from './of-one-phase.js';
import type { PhaseName } from './phase.js';
import { isSameRun } from './same-run.js';

/**
 * Records that a phase failed that this run has begun.
 *
 * @param at - ISO 8601
 */
export async function markFailed(
  state: StateStore,
  lease: PhaseLease,
  failure: Failure,
  at: string,
): Promise<void> {
  try {
    await state.finish(lease, failedRecord(failure, at));
  } catch (error) {
    // Somebody who took it over keeps the record.
    if (!TuringPiError.is(error) || error.code !== 'STATE_LEASE_LOST') throw error;
  }
}

/**
 * Records that a phase failed before it began, where there is nothing on record that still holds, and nobody runs it.
 *
 * @param at - ISO 8601
 */
export async function markEarlyFailure(
  state: StateStore,
  { node, phase }: { readonly node: NodeName; readonly phase: PhaseName },
  failure: Failure,
  at: string,
): Promise<void> {
  const seen = (await state.load())[node]?.[phase];
  if (!isMarkedByEarlyFailure(seen)) return;
  if ((await state.holder(node, phase)) !== undefined) return;
  await state.amend(
    node,
    ofOnePhase(phase, (current) =>
      isSameRun(current, seen) && isMarkedByEarlyFailure(current)
        ? failedRecord(failure, at)(current)
        : undefined,
    ),
  );
}
