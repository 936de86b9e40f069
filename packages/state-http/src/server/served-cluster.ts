import {
  type BoardRecord,
  type JournalEntry,
  journalEntrySchema,
  leaseHeld,
  type LeaseHolder,
  type NodeName,
  type NodeState,
  type PhaseLease,
  type PhaseName,
  type PhaseRecord,
  phaseResource,
  StateError,
  type StateStore,
} from '@turingpi/core/plugin';
import type { z } from 'zod';
import {
  type amendSchema,
  type bindSchema,
  comparable,
  type entrySchema,
  type finishSchema,
  type Grant,
  type LeaseRequest,
  type linesSchema,
  type textChangeSchema,
} from '../wire/messages.js';
import { ClientLeases } from './client-leases.js';

/** What a change was made of is there no more. */
export class ChangedMeanwhile extends Error {}

/** So many requests are known for having added their lines. */
const KNOWN_REQUESTS = 10_000;

/** The records of one cluster, as clients ask for them: what they change is what they have seen, or it is refused. */
export class ServedCluster implements AsyncDisposable {
  readonly #leases = new ClientLeases();
  readonly #granting = new Map<string, Promise<unknown>>();
  readonly #added = new Set<string>();

  constructor(readonly store: StateStore) {}

  async state() {
    const { secrets, papers } = this.store;
    return {
      state: await this.store.load(),
      hasSecrets: secrets !== undefined,
      hasPapers: papers !== undefined,
    };
  }

  async holder(node: NodeName, phase: PhaseName, signal?: AbortSignal): Promise<LeaseHolder | undefined> {
    const place = phaseResource(node, phase);
    const client = signal ? await this.#leases.watch(place, signal) : this.#leases.holderOf(place);
    if (client !== undefined || this.#leases.hasLapsed(place)) return client;
    return this.store.holder(node, phase, signal && { signal });
  }

  /** Gives a lease, or gives it again to who did not hear of it. @throws ChangedMeanwhile; StateError. */
  async lease(id: string, request: LeaseRequest, signal: AbortSignal): Promise<Omit<Grant, 'afterMs'>> {
    await this.#granting.get(id)?.catch(() => undefined); // its connection was lost meanwhile
    const granting = this.#grant(id, request, signal);
    this.#granting.set(id, granting);
    try {
      return await granting;
    } finally {
      this.#granting.delete(id);
    }
  }

  async #grant(id: string, request: LeaseRequest, signal: AbortSignal): Promise<Omit<Grant, 'afterMs'>> {
    const known = this.#leases.find(id);
    if (known !== undefined) {
      this.#leases.sign(id);
      return grantOf(known.lease.fence, known.entries);
    }
    const { claim, resource } = request;
    const place = claim === undefined ? (resource ?? '') : phaseResource(claim.node, claim.phase);
    const holder = await this.#leases.watch(place, signal);
    if (holder !== undefined) throw leaseHeld(place, holder);
    await this.#leases.clear(place);
    try {
      const lease = await (claim === undefined
        ? this.store.acquire(place, { signal, ttlMs: request.ttlMs })
        : this.#claim(claim, request, signal));
      const entries =
        claim?.keepJournal === undefined
          ? undefined
          : (await this.store.journal(claim.node, claim.phase)).length;
      this.#leases.add({ id, lease, entries, ttlMs: request.ttlMs, holder: asHolder(request.holder) });
      return grantOf(lease.fence, entries);
    } catch (error) {
      throw error instanceof StateError ? this.#leases.asClients(error, place) : error;
    }
  }

  sign(id: string): void {
    this.#leases.sign(id);
  }

  async isHeld(id: string): Promise<void> {
    if (!this.#leases.isLive(id)) throw this.#leases.lost('the lease');
    const { lease } = this.#leases.get(id);
    if ((await lease.isHeld?.()) === false) throw this.#leases.lost(lease.resource);
  }

  async giveBack(id: string): Promise<void> {
    await this.#leases.end(id)?.lease[Symbol.asyncDispose]();
  }

  async append(id: string, { at, entry }: z.output<typeof entrySchema>): Promise<void> {
    const held = this.#leases.get(id);
    if (held.entries === undefined || at < held.entries) return; // its answer was lost
    await this.store.append(held.lease as PhaseLease, journalEntrySchema.parse(entry));
    held.entries = at + 1;
  }

  async finish(id: string, { before, record }: z.output<typeof finishSchema>): Promise<void> {
    const { lease } = this.#leases.get(id);
    await this.store.finish(lease as PhaseLease, unlessChanged(before, record as unknown as PhaseRecord));
    this.#leases.end(id);
  }

  journal(node: NodeName, phase: PhaseName): Promise<readonly JournalEntry[]> {
    return this.store.journal(node, phase);
  }

  async amend(node: NodeName, { before, after }: z.output<typeof amendSchema>): Promise<void> {
    await this.store.amend(node, unlessChanged(before, after as NodeState));
  }

  bind({ board, unlessBound }: z.output<typeof bindSchema>): Promise<void> {
    return this.store.bind(board as unknown as BoardRecord, unlessBound);
  }

  /** @param name - of a text; undefined for the secrets */
  async readText(name?: string): Promise<string | undefined> {
    return this.#text(name).read();
  }

  async changeText(
    { before, text }: z.output<typeof textChangeSchema>,
    name: string | undefined,
  ): Promise<void> {
    await this.#text(name).update((current) => {
      if (current !== before) throw new ChangedMeanwhile();
      return text;
    });
  }

  async addLines(name: string, { id, lines, at }: z.output<typeof linesSchema>): Promise<void> {
    if (this.#added.has(id)) return;
    await this.#papers.log(name).append(lines, at);
    this.#added.add(id);
    const [oldest] = this.#added;
    if (this.#added.size > KNOWN_REQUESTS && oldest !== undefined) this.#added.delete(oldest);
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
    this.#leases[Symbol.dispose]();
    await this.store[Symbol.asyncDispose]();
  }

  #claim(claim: NonNullable<LeaseRequest['claim']>, { ttlMs, holder }: LeaseRequest, signal: AbortSignal) {
    const { node, phase, hash, seen, keepJournal, before, record } = claim;
    return this.store.claim(node, phase, hash, {
      ...{ signal, seen, ttlMs, command: holder.command },
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

/** A change that is made when what is there is what it was made of. */
function unlessChanged<T>(before: unknown, after: T): (current: unknown) => T {
  return (current) => {
    if (comparable(current) !== comparable(before)) throw new ChangedMeanwhile();
    return after;
  };
}

function grantOf(fence: number, entries: number | undefined): Omit<Grant, 'afterMs'> {
  return { fence, ...(entries === undefined ? {} : { entries }) };
}

function asHolder({ name, since, command }: LeaseRequest['holder']): LeaseHolder {
  return { name, ...(since === undefined ? {} : { since }), ...(command === undefined ? {} : { command }) };
}
