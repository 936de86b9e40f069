import assert from 'node:assert/strict';
import type { JournalEntry, PhaseClaim, PhaseLease, PhaseRecord, StateStore } from '@turingpi/core/plugin';
import type { ConformanceCase } from '../conformance-case.js';
import type { OpenedState, StateStoreSubject } from './state-store-subject.js';

/** No case waits longer for anything, in milliseconds. */
const LIMIT_MS = 20_000;

export const AT = '2026-01-02T03:04:05.678Z';
export const DONE: PhaseRecord = { status: 'completed', timestamp: AT, input_hash: 'aa' };
export const NODE = 'Node1';
export const PHASE = 'post_installation';

/** Makes cases that each have a fresh state of their own. */
export function casesOn<O extends OpenedState>(subject: StateStoreSubject<O>) {
  return (name: string, use: (opened: O) => Promise<void>): ConformanceCase => ({
    name,
    run: async () => {
      await using opened = await subject.open();
      await within(use(opened), name);
    },
  });
}

/** What a claim says that has nothing special about it. */
export function plainClaim(claim: Partial<PhaseClaim> = {}): PhaseClaim {
  return {
    signal: AbortSignal.timeout(LIMIT_MS),
    seen: undefined,
    keepJournal: 0,
    record: () => ({ status: 'running', timestamp: AT }),
    ...claim,
  };
}

/** Claims the phase of the cases. */
export function claim(
  store: StateStore,
  hash = 'aa',
  options: Partial<PhaseClaim> = {},
): Promise<PhaseLease> {
  return store.claim(NODE, PHASE, hash, plainClaim(options));
}

export async function recordIn(store: StateStore): Promise<PhaseRecord | undefined> {
  return (await store.load())[NODE]?.[PHASE];
}

export function entry(action: string): JournalEntry {
  return { action, digest: `digest of ${action}`, result: { said: `${action} \n "ü"` }, at: AT };
}

export async function actionsIn(store: StateStore): Promise<readonly string[]> {
  return (await store.journal(NODE, PHASE)).map(({ action }) => action);
}

/** A holder is named in the error that refuses. */
export async function isRefused(promise: Promise<unknown>): Promise<void> {
  const error = await failureOf(promise);
  assert.equal(error.code, 'STATE_LEASE_HELD', error.message);
  assert.ok(typeof error.details?.['holder'] === 'string' && error.details['holder'].length > 0);
}

export async function isLost(promise: Promise<unknown>): Promise<void> {
  const error = await failureOf(promise);
  assert.equal(error.code, 'STATE_LEASE_LOST', error.message);
}

export async function failureOf(promise: Promise<unknown>): Promise<{
  readonly code?: string;
  readonly message?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}> {
  return promise.then(
    () => assert.fail('it must fail'),
    (error: unknown) => error as object,
  );
}

/** Resolves when a signal has fired. */
export function fired(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new assert.AssertionError({ message: `takes too long: ${what}` })),
      LIMIT_MS,
    );
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}
