import os from 'node:os';
import {
  type AcquireOptions,
  type BoardRecord,
  ChangeFeed,
  type ClusterState,
  type DistantLease,
  type JournalEntry,
  journalEntrySchema,
  type Lease,
  leaseHeld,
  type LeaseHolder,
  type LeasePlace,
  type LeaseTimings,
  type LeaseWatch,
  type Logger,
  MEANWHILE,
  type NodeChange,
  type NodeName,
  type PhaseClaim,
  type PhaseName,
  PHASES,
  phaseResource,
  type RecordChange,
  type RecordedChange,
  type SharedPapers,
  type SharedText,
  silentLogger,
  type StateStore,
  TuringPiError,
} from '@turingpi/core/plugin';
import type { Database, Patience, RunStatement } from './database.js';
import { appendEntry, beginJournal, readJournal } from './journal-rows.js';
import { freeLease, type LeaseKey, serverTime } from './lease-rows.js';
import { listenToChanges, tellChange } from './listen-to-changes.js';
import { PostgresLease, PostgresPhaseLease } from './postgres-lease.js';
import { pause, PostgresLeases } from './postgres-leases.js';
import { PostgresPapers } from './postgres-papers.js';
import { beginCluster, loadRecords, type RecordPlace, writeRecord } from './record-rows.js';
import { assertHolds, changedPhases } from './record-change.js';

/**
 * Leases of this store: a sign of life every 5 s, and a minute without one until somebody else may have them. A holder that
 * does not reach the server stops by itself after 36 s: a server that starts anew within 30 s disturbs nobody.
 */
export const POSTGRES_LEASE_TIMINGS: LeaseTimings = { beatMs: 5000, staleMs: 60_000, lookMs: 1000 };

/** From the end of the connection that tells of changes to the next one, in milliseconds. */
const LISTEN_AGAIN_MS = 1000;
/** How long what was lost waits to be told, in milliseconds. */
const LOST_MS = 1000;

/** What a store works with. */
export interface PostgresStateStoreOptions {
  readonly database: Database;
  /** The name under which the records are kept. */
  readonly cluster: string;
  readonly secrets: SharedText;
  readonly logger?: Logger;
  readonly timings?: LeaseTimings;
  /** The name of this computer, by which its processes are known. Default: what the system says. */
  readonly host?: string;
}

/** The state in a PostgreSQL database, for processes on several computers at once. */
export class PostgresStateStore implements StateStore {
  readonly secrets: SharedText;
  readonly papers: SharedPapers;
  readonly #database: Database;
  readonly #place: RecordPlace;
  readonly #leases: PostgresLeases;
  readonly #feed: ChangeFeed;
  readonly #timings: LeaseTimings;

  constructor(options: PostgresStateStoreOptions) {
    const { database, cluster, secrets, timings = POSTGRES_LEASE_TIMINGS, logger = silentLogger } = options;
    this.secrets = secrets;
    this.#database = database;
    this.#timings = timings;
    this.#place = { cluster, location: database.location };
    this.papers = new PostgresPapers(database, this.#place);
    this.#leases = new PostgresLeases({ database, timings, logger, host: options.host ?? os.hostname() });
    this.#feed = new ChangeFeed({
      ...{ logger, againAfterMs: LISTEN_AGAIN_MS },
      listen: (look, signal) => listenToChanges(database.newClient(), cluster, { look, signal }),
      load: () => this.#load(),
    });
  }

  get location(): string {
    return `${this.#place.location} (${this.#place.cluster})`;
  }

  async load(): Promise<ClusterState> {
    await this.#feed.ready;
    return this.#load();
  }

  holder(node: NodeName, phase: PhaseName, watch?: LeaseWatch): Promise<LeaseHolder | undefined> {
    return this.#leases.holder(this.#leaseOf(node, phase), watch);
  }

  async acquire(resource: string, options: AcquireOptions): Promise<Lease> {
    for (;;) {
      try {
        return await this.#take(resource, options);
      } catch (error) {
        if (options.wait !== true || !isHeld(error)) throw error;
      }
      await pause(this.#timings.lookMs, options.signal);
    }
  }

  async claim(
    node: NodeName,
    phase: PhaseName,
    hash: string,
    claim: PhaseClaim,
  ): Promise<PostgresPhaseLease> {
    const place = this.#leaseOf(node, phase);
    const holder = await this.#leases.holder(place, claim);
    if (holder !== undefined) throw leaseHeld(place.resource, holder);
    const { written, entries } = await this.#change(
      node,
      async (query) => {
        await this.#leases.assertFree(query, place);
        const current = (await this.#load(query))[node]?.[phase];
        const fence = current?.fence ?? 0;
        if (fence > (claim.seen ?? 0)) throw leaseHeld(place.resource, MEANWHILE);
        const record = claim.record(current);
        const written = await this.#leases.write(query, place, claim, () => fence + 1);
        const running = { ...record, status: 'running' as const, input_hash: hash, fence: fence + 1 };
        await writeRecord(this.#place, query, { node, phase }, { ...running, owner: written.owner });
        const keep = claim.keepJournal;
        const isSame = current?.input_hash === hash;
        const at = { ...this.#place, node, phase };
        const entries =
          keep === undefined ? undefined : await beginJournal(query, at, hash, isSame ? keep : 0);
        await tellChange(query, this.#place.cluster, node, phase);
        return { written, entries };
      },
      claim,
    );
    return this.#leases.hold(written, (parts) => new PostgresPhaseLease(parts, node, phase, entries));
  }

  async heldBy(id: string, at: LeasePlace): Promise<DistantLease | undefined> {
    if ('resource' in at) {
      const parts = await this.#leases.heldBy({ cluster: '', resource: at.resource }, id);
      return parts && new PostgresLease(parts);
    }
    const { node, phase } = at;
    const parts = await this.#leases.heldBy(this.#leaseOf(node, phase), id);
    if (parts === undefined) return undefined;
    return new PostgresPhaseLease(parts, node, phase, (await this.journal(node, phase)).length);
  }

  async journal(node: NodeName, phase: PhaseName): Promise<readonly JournalEntry[]> {
    await this.#feed.ready;
    const hash = (await this.#load())[node]?.[phase]?.input_hash;
    if (hash === undefined) return [];
    const entries = await readJournal(this.#database.statements(), { ...this.#place, node, phase }, hash);
    return entries.map((entry) => journalEntrySchema.parse(entry));
  }

  async append(lease: PostgresPhaseLease, entry: JournalEntry): Promise<void> {
    const { node, phase, entries: position, token } = lease;
    if (position === undefined) throw new TypeError(`${lease.resource} was claimed without a journal`);
    const at = { ...this.#place, node, phase };
    const query = this.#database.statements({ signal: lease.signal });
    if (!(await appendEntry(query, at, { token, position, entry }))) await this.#assertHolds(lease);
    lease.entries = position + 1;
  }

  async finish(lease: PostgresPhaseLease, record: RecordChange): Promise<void> {
    const { node, phase, fence } = lease;
    // What was stopped since the database is away need not wait for it to be told: its time is over there as well.
    const patience = lease.signal.aborted ? { patienceMs: LOST_MS } : {};
    const write = async (query: RunStatement) => {
      await assertHolds(query, lease);
      const { owner: _owner, ...last } = record((await this.#load(query))[node]?.[phase]);
      await writeRecord(this.#place, query, { node, phase }, { ...last, fence });
      await freeLease(query, lease.place);
      await tellChange(query, this.#place.cluster, node, phase);
    };
    await this.#change(node, write, patience);
    lease.end();
  }

  async amend(node: NodeName, change: NodeChange): Promise<void> {
    await this.#change(node, async (query) => {
      const known = (await this.#load(query))[node];
      const next = change(known);
      if (next === undefined) return;
      for (const { phase, record, isTaken } of changedPhases(known, next)) {
        await writeRecord(this.#place, query, { node, phase }, record);
        if (isTaken) await freeLease(query, this.#leaseOf(node, phase));
        await tellChange(query, this.#place.cluster, node, phase);
      }
    });
  }

  async bind(board: BoardRecord, unlessBound = false): Promise<void> {
    await this.#change('', async (query) => {
      await query(`update cluster set board = $2 where name = $1 ${unlessBound ? 'and board is null' : ''}`, [
        this.#place.cluster,
        JSON.stringify(board),
      ]);
    });
  }

  async forget(node: NodeName, phase?: PhaseName): Promise<void> {
    const phases = phase === undefined ? PHASES : [phase];
    await this.#change(node, async (query) => {
      const known = (await this.#load(query))[node];
      const timestamp = (await serverTime(query)).toISOString();
      for (const name of phases) {
        const record = known?.[name];
        if (record === undefined) continue;
        // The number of claims stays, and grows: who runs it now may not write any more.
        const forgotten = { status: 'pending' as const, timestamp, fence: (record.fence ?? 0) + 1 };
        await writeRecord(this.#place, query, { node, phase: name }, forgotten);
        await beginJournal(query, { ...this.#place, node, phase: name }, null, 0);
        await freeLease(query, this.#leaseOf(node, name));
        await tellChange(query, this.#place.cluster, node, name);
      }
    });
  }

  subscribe(listener: (change: RecordedChange) => void): () => void {
    return this.#feed.subscribe(listener);
  }

  /** Ends the subscriptions and the connections; leases are given back by who holds them. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#feed.end();
    await this.#database[Symbol.asyncDispose]();
  }

  async #take(resource: string, options: AcquireOptions): Promise<PostgresLease> {
    const place = { cluster: '', resource };
    const holder = await this.#leases.holder(place, options);
    if (holder !== undefined) throw leaseHeld(resource, holder);
    const written = await this.#database.transaction(
      `/${resource}`,
      (query) => this.#leases.write(query, place, options, (row) => (row?.fence ?? 0) + 1),
      { signal: options.signal },
    );
    return this.#leases.hold(written, (parts) => new PostgresLease(parts));
  }

  /** Changes records while nobody else changes those of the same node. */
  #change<T>(
    node: NodeName | '',
    work: (query: RunStatement) => Promise<T>,
    patience: Patience = {},
  ): Promise<T> {
    const { signal, patienceMs } = patience;
    return this.#database.transaction(
      `${this.#place.cluster}/${node}`,
      async (query) => {
        await beginCluster(this.#place, query);
        return work(query);
      },
      { ...(signal === undefined ? {} : { signal }), ...(patienceMs === undefined ? {} : { patienceMs }) },
    );
  }

  #load(query?: RunStatement): Promise<ClusterState> {
    return loadRecords(this.#place, query ?? this.#database.statements());
  }

  #assertHolds(lease: PostgresPhaseLease): Promise<void> {
    return assertHolds(this.#database.statements(), lease);
  }

  #leaseOf(node: NodeName, phase: PhaseName): LeaseKey {
    return { cluster: this.#place.cluster, resource: phaseResource(node, phase) };
  }
}

function isHeld(error: unknown): boolean {
  return TuringPiError.is(error) && error.code === 'STATE_LEASE_HELD';
}
