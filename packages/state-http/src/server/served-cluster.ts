import { isDeepStrictEqual } from 'node:util';
import {
  type BoardRecord,
  type JournalEntry,
  journalEntrySchema,
  type LeaseHolder,
  leaseLost,
  type NodeName,
  type NodeState,
  type PhaseName,
  type PhaseRecord,
  readRecords,
  SOMEBODY,
  STATE_VERSION,
  type StateStore,
} from '@turingpi/core/plugin';
import type { z } from 'zod';
import {
  type amendSchema,
  type bindSchema,
  comparable,
  type entrySchema,
  type finishSchema,
  type LeaseRequest,
  type linesSchema,
  type textChangeSchema,
} from '../wire/messages.js';
import { NotUnderstood } from './not-understood.js';
import { DistantLeases, type NamedLease } from './distant-leases.js';

/** What a change was made of is there no more. */
export class ChangedMeanwhile extends Error {}

/** So many requests are known for what they have changed. */
const KNOWN_REQUESTS = 10_000;

/** A lease that was given, or given again. */
export interface GivenLease {
  readonly fence: number;
  /** From when its time counts, by the clock of `performance`. */
  readonly since: number;
  readonly entries?: number;
}

/** The records of one cluster, as clients ask for them: what they change is what they have seen, or it is refused. */
export class ServedCluster implements AsyncDisposable {
  readonly #leases: DistantLeases;
  readonly #done = new Set<string>();

  constructor(readonly store: StateStore) {
    this.#leases = new DistantLeases(store);
  }

  async state() {
    const { secrets, papers } = this.store;
    return {
      state: await this.store.load(),
      hasSecrets: secrets !== undefined,
      hasPapers: papers !== undefined,
    };
  }

  async holder(node: NodeName, phase: PhaseName, signal?: AbortSignal): Promise<LeaseHolder | undefined> {
    return this.store.holder(node, phase, signal && { signal });
  }

  /** Gives a lease, or gives it again to who did not hear of it. @throws ChangedMeanwhile; StateError. */
  lease(id: string, request: LeaseRequest, signal: AbortSignal): Promise<GivenLease> {
    return this.#leases.inTurn(id, async () => {
      const { claim, resource = '' } = request;
      const place = claim === undefined ? { resource } : { node: claim.node, phase: claim.phase };
      const known = await this.#leases.find({ id, place });
      if (known === undefined) await this.#take(id, request, signal);
      const lease = await this.#leases.get({ id, place });
      // Its time counts from here, however long it took to be given.
      const since = performance.now();
      await lease.sign();
      const entries =
        claim?.keepJournal === undefined ? undefined : (await this.journal(claim.node, claim.phase)).length;
      return { fence: lease.fence, since, ...(entries === undefined ? {} : { entries }) };
    });
  }

  async sign(named: NamedLease): Promise<void> {
    await (await this.#leases.get(named)).sign();
  }

  async look(named: NamedLease): Promise<void> {
    const lease = await this.#leases.get(named);
    if ((await lease.isHeld?.()) === false) throw leaseLost(lease.resource, SOMEBODY);
  }

  async giveBack(named: NamedLease): Promise<void> {
    await (await this.#leases.find(named))?.[Symbol.asyncDispose]();
  }

  append(named: NamedLease, { at, entry }: z.output<typeof entrySchema>): Promise<void> {
    return this.#leases.inTurn(named.id, async () => {
      const lease = await this.#leases.ofPhase(named);
      if (at < lease.entries) return; // its answer was lost
      if (at > lease.entries) throw new TypeError(`${lease.resource} has no entry ${at - 1} yet`);
      const known = journalEntrySchema.safeParse(entry);
      if (!known.success) throw new NotUnderstood();
      await this.store.append(lease, known.data);
    });
  }

  finish(named: NamedLease, { before, record, fence }: z.output<typeof finishSchema>): Promise<void> {
    return this.#leases.inTurn(named.id, async () => {
      if ('resource' in named.place) throw new TypeError(`${named.place.resource} is no phase`);
      const last = { ...(record as unknown as PhaseRecord), fence };
      const { node, phase } = named.place;
      assertRecords({ [node]: { [phase]: last } });
      if ((await this.#leases.find(named)) === undefined) {
        const current = (await this.store.load())[node]?.[phase];
        if (isDeepStrictEqual(JSON.parse(JSON.stringify(current ?? null)), last)) return; // its answer was lost
      }
      await this.store.finish(await this.#leases.ofPhase(named), unlessChanged(before, last));
    });
  }

  journal(node: NodeName, phase: PhaseName): Promise<readonly JournalEntry[]> {
    return this.store.journal(node, phase);
  }

  async amend(node: NodeName, { before, after }: z.output<typeof amendSchema>): Promise<void> {
    assertRecords({ [node]: after });
    await this.store.amend(node, unlessChanged(before, after as NodeState));
  }

  bind({ board, unlessBound }: z.output<typeof bindSchema>): Promise<void> {
    assertRecords({ board });
    return this.store.bind(board as unknown as BoardRecord, unlessBound);
  }

  /** @param name - of a text; undefined for the secrets */
  async readText(name?: string): Promise<string | undefined> {
    return this.#text(name).read();
  }

  async changeText(
    { id, before, text }: z.output<typeof textChangeSchema>,
    name: string | undefined,
  ): Promise<void> {
    await this.#once(id, () =>
      this.#text(name).update((current) => {
        if (current !== before) throw new ChangedMeanwhile();
        return text;
      }),
    );
  }

  async addLines(name: string, { id, lines, at }: z.output<typeof linesSchema>): Promise<void> {
    await this.#once(id, () => this.#papers.log(name).append(lines, at));
  }

  readLines(name: string, from: number): Promise<readonly string[]> {
    return this.#papers.log(name).read(from);
  }

  logs(prefix: string) {
    return this.#papers.logs(prefix);
  }

  removeLog(name: string): Promise<void> {
    return this.#papers.removeLog(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store[Symbol.asyncDispose]();
  }

  /** Does what was asked under a name of this very request: asked again, as after an answer that was lost, it is done. */
  #once(id: string, work: () => Promise<unknown>): Promise<void> {
    return this.#leases.inTurn(id, async () => {
      if (this.#done.has(id)) return;
      await work();
      this.#done.add(id);
      const [oldest] = this.#done;
      if (this.#done.size > KNOWN_REQUESTS && oldest !== undefined) this.#done.delete(oldest);
    });
  }

  async #take(id: string, request: LeaseRequest, signal: AbortSignal): Promise<void> {
    const { claim, resource = '', ttlMs, holder } = request;
    const { command, ...who } = holder;
    const asked = { signal, ttlMs, distant: { id, ...who } };
    if (claim === undefined) {
      await this.store.acquire(resource, asked);
      return;
    }
    const { node, phase, hash, seen, keepJournal, before, record } = claim;
    assertRecords({ [node]: { [phase]: record } });
    await this.store.claim(node, phase, hash, {
      ...{ ...asked, seen, command },
      ...(keepJournal === undefined ? {} : { keepJournal }),
      record: unlessChanged(before, record as unknown as PhaseRecord),
    });
  }

  #text(name: string | undefined) {
    const text = name === undefined ? this.store.secrets : this.#papers.text(name);
    if (text === undefined) throw new TypeError('the store keeps no secrets');
    return text;
  }

  get #papers() {
    if (this.store.papers === undefined) throw new TypeError('the store keeps no texts and logs');
    return this.store.papers;
  }
}

/** @throws NotUnderstood: what a client of another version, or one with bad intent, would have others trip over. */
function assertRecords(records: object): void {
  try {
    readRecords({ version: STATE_VERSION, ...records }, 'a client');
  } catch {
    throw new NotUnderstood();
  }
}

/** A change that is made when what is there is what it was made of. */
function unlessChanged<T>(before: unknown, after: T): (current: unknown) => T {
  return (current) => {
    if (comparable(current) !== comparable(before)) throw new ChangedMeanwhile();
    return after;
  };
}
