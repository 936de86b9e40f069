import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type DistantHolder,
  holderOf,
  leaseHeld,
  type LeaseHolder,
  type LeaseSigner,
  type LeaseTimings,
  type LeaseWatch,
  lifeOf,
  type Logger,
  newInstance,
  type PhaseOwner,
  signatureOf,
} from '@turingpi/core/plugin';
import type { Database, RunStatement } from './database.js';
import { type LeaseKey, type LeaseRow, readLease, serverTime, writeLease } from './lease-rows.js';
import type { PostgresLease, PostgresLeaseParts } from './postgres-lease.js';

/** What the leases of a store work with. */
export interface PostgresLeasesParts {
  readonly database: Database;
  readonly timings: LeaseTimings;
  readonly logger: Logger;
  /** The name of this computer. */
  readonly host: string;
}

/** How a lease is asked for. */
export interface LeaseRequest {
  readonly ttlMs?: number | undefined;
  readonly command?: string | undefined;
  readonly distant?: DistantHolder | undefined;
}

/** A lease that was written, and is not kept alive yet. */
export interface WrittenLease {
  /** Who has it, since when by the server's clock. */
  readonly owner: PhaseOwner;
  readonly parts: Omit<PostgresLeaseParts, 'onEnd'>;
}

/** The leases that one opened store holds, and what it knows of those of others. */
export class PostgresLeases {
  readonly #signer: LeaseSigner;
  /** Tokens of what this store holds. */
  readonly #held = new Set<string>();

  constructor(private readonly parts: PostgresLeasesParts) {
    this.#signer = { host: parts.host, instance: newInstance() };
  }

  /** Who has a lease, as far as is known at once; with `watch`, one that cannot be asked is watched. */
  async holder(place: LeaseKey, watch?: LeaseWatch): Promise<LeaseHolder | undefined> {
    watch?.signal.throwIfAborted();
    const { database, timings } = this.parts;
    const query = database.statements(watch === undefined ? {} : { signal: watch.signal });
    const first = await readLease(query, place);
    const life = await this.#life(first);
    if (first?.owner == null || life === 'gone') return undefined;
    const holder = holderOf(first.owner);
    if (life === 'runs' || watch === undefined) return holder;
    watch.onWatch?.(holder);
    for (;;) {
      await pause(timings.lookMs, watch.signal);
      const now = await readLease(query, place);
      // Also when it has just ended: it was no crash.
      if (now?.token !== first.token || now.renewed !== first.renewed) return holder;
      if (!now.live) return undefined;
    }
  }

  /**
   * Writes a lease for this store, when nobody else has it. To be called in a transaction that is alone with the place.
   *
   * @param fenceAfter - what the next fence is; given what is on file
   * @throws StateError `STATE_LEASE_HELD`
   */
  async write(
    query: RunStatement,
    place: LeaseKey,
    request: LeaseRequest,
    fenceAfter: (row: LeaseRow | undefined) => number,
  ): Promise<WrittenLease> {
    const row = await this.assertFree(query, place);
    const { database, logger, timings } = this.parts;
    const { ttlMs = timings.staleMs, command, distant } = request;
    const signed = { ttlMs, command, distant };
    const owner = await signatureOf(this.#signer, await serverTime(query), signed);
    const [token, fence, since] = [distant?.id ?? randomUUID(), fenceAfter(row), performance.now()];
    if (distant === undefined) this.#held.add(token); // before anybody can read it
    await writeLease(query, place, { fence, token, owner, ttlMs });
    const usual = timings.beatMs;
    const ownBeatMs = request.ttlMs === undefined ? usual : Math.min(usual, Math.ceil(ttlMs / 4));
    const beatMs = distant === undefined ? ownBeatMs : undefined;
    return { owner, parts: { database, place, fence, token, ttlMs, beatMs, since, logger } };
  }

  /** @throws StateError `STATE_LEASE_HELD` when somebody has it. */
  async assertFree(query: RunStatement, place: LeaseKey): Promise<LeaseRow | undefined> {
    const row = await readLease(query, place, true);
    if (row?.owner != null && (await this.#life(row)) !== 'gone')
      throw leaseHeld(place.resource, holderOf(row.owner));
    return row;
  }

  /** Keeps a lease that was written alive, until it ends. */
  hold<L extends PostgresLease>({ parts }: WrittenLease, make: (parts: PostgresLeaseParts) => L): L {
    return make({ ...parts, onEnd: () => this.#held.delete(parts.token) });
  }

  /** What a distant holder has; undefined when somebody else has it, or nobody. */
  async heldBy(place: LeaseKey, id: string): Promise<PostgresLeaseParts | undefined> {
    const { database, logger, timings } = this.parts;
    const row = await readLease(database.statements(), place);
    if (row?.owner == null || row.token !== id) return undefined;
    const { owner, fence, token } = row;
    const term = { ttlMs: owner.ttl_ms ?? timings.staleMs, beatMs: undefined, since: performance.now() };
    return { ...term, database, place, fence, token, logger, onEnd: () => undefined };
  }

  /** The server's clock decides; of a process of this computer it is known at once that it is dead. */
  async #life(row: LeaseRow | undefined): Promise<'runs' | 'unknown' | 'gone'> {
    if (row?.owner == null || row.token === null || !row.live) return 'gone';
    const life = await lifeOf(row.owner, this.#signer);
    if (life === 'self') return this.#held.has(row.token) ? 'runs' : 'gone';
    return life;
  }
}

/** @throws The signal's reason. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => signal.throwIfAborted());
}
