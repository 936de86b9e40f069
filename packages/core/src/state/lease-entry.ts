import type { NodeName } from '@turingpi/foundation';
import type { PhaseName } from '../phase/phase.js';
import { phaseResource } from './lease.js';
import type { PhaseOwner, StateDocument } from './state-document.js';

/** What a lease is on: a phase of a node, whose record it is part of, or anything else, by name. */
export type LeasePlace =
  { readonly node: NodeName; readonly phase: PhaseName } | { readonly resource: string };

/** The name of the lease on it. */
export function leaseResource(place: LeasePlace): string {
  return 'resource' in place ? place.resource : phaseResource(place.node, place.phase);
}

/** What is on file of a lease. */
export interface LeaseEntry {
  /** How often it was given. */
  readonly fence: number | undefined;
  readonly owner: PhaseOwner | undefined;
  /** Whatever else changes when somebody works on it. */
  readonly revision?: string;
  /** There is something on file that was done under another lease, or without one. */
  readonly isSettled: boolean;
}

/** What is on file of the lease at a place. */
export function entryAt(state: StateDocument, place: LeasePlace): LeaseEntry {
  if ('resource' in place) {
    const { fence, owner } = state.leases?.[place.resource] ?? {};
    return { fence, owner, isSettled: false };
  }
  const record = state[place.node]?.[place.phase];
  const owner = record?.status === 'running' ? record.owner : undefined;
  return {
    fence: record?.fence,
    owner,
    revision: `${record?.status ?? ''} ${record?.timestamp ?? ''} ${record?.journal?.length ?? 0}`,
    // What was removed is nobody's: its holder may go on.
    isSettled: record !== undefined && record.status !== 'pending',
  };
}

/** The state with another owner at a place, where there is an entry. */
export function withOwnerAt(
  state: StateDocument,
  place: LeasePlace,
  owner: PhaseOwner | undefined,
): StateDocument {
  if ('resource' in place) {
    const entry = state.leases?.[place.resource];
    if (entry === undefined) return state;
    const { owner: _owner, ...rest } = entry;
    const next = owner === undefined ? rest : { ...rest, owner };
    return { ...state, leases: { ...state.leases, [place.resource]: next } };
  }
  const phases = state[place.node];
  const record = phases?.[place.phase];
  if (record === undefined) return state;
  const { owner: _owner, ...rest } = record;
  const next = owner === undefined ? rest : { ...rest, owner };
  return { ...state, [place.node]: { ...phases, [place.phase]: next } };
}
