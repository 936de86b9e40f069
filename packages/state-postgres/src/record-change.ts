import {
  holderOf,
  leaseLost,
  type NodeState,
  PHASES,
  type PhaseName,
  type PhaseRecord,
  SOMEBODY,
} from '@turingpi/core/plugin';
import { isDeepStrictEqual } from 'node:util';
import type { RunStatement } from './database.js';
import { readLease } from './lease-rows.js';
import type { PostgresPhaseLease } from './postgres-lease.js';

/** The record of a phase as it is to be. */
export interface ChangedPhase {
  readonly phase: PhaseName;
  readonly record: PhaseRecord;
  /** Who runs the phase has lost it: it is said to be done, or its number of claims has grown. */
  readonly isTaken: boolean;
}

/** Which records of a node are others than before. The number of claims of a phase never goes down. */
export function changedPhases(known: NodeState = {}, next: NodeState): readonly ChangedPhase[] {
  return PHASES.flatMap((phase) => {
    const [before, after] = [known[phase], next[phase]];
    if (after === undefined || isDeepStrictEqual(before, after)) return [];
    const fence = Math.max(before?.fence ?? 0, after.fence ?? 0);
    const isLeft = after.status === 'running' || after.status === 'pending';
    const isTaken = !isLeft || fence > (before?.fence ?? 0);
    return [{ phase, record: { ...after, fence }, isTaken }];
  });
}

/** @throws StateError `STATE_LEASE_LOST` when the server says that a phase is not held any more; its signal has fired then. */
export async function assertHolds(query: RunStatement, lease: PostgresPhaseLease): Promise<void> {
  const row = await readLease(query, lease.place, true);
  // Its time may be over: where nobody has taken it, nothing was done by anybody else.
  if (row?.token === lease.token) return;
  throw lease.lose(leaseLost(lease.resource, row?.owner ? holderOf(row.owner) : SOMEBODY));
}
