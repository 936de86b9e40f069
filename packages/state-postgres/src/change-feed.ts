import { setTimeout as sleep } from 'node:timers/promises';
import {
  changesBetween,
  type ClusterState,
  type Logger,
  type NodeName,
  type PhaseName,
  type RecordedChange,
} from '@turingpi/core/plugin';
import type pg from 'pg';
import type { RunStatement } from './database.js';

/** Where the server tells of changes. What it says is only that there is one: what changed is read. */
const CHANNEL = 'turingpi_state';
const AGAIN_AFTER_MS = 1000;

/** What a feed works with. */
export interface ChangeFeedParts {
  readonly cluster: string;
  readonly newClient: () => pg.Client;
  readonly load: () => Promise<ClusterState>;
  readonly logger: Logger;
}

/** Tells everybody who listens that a record was changed, when the transaction is committed. */
export async function tellChange(
  query: RunStatement,
  cluster: string,
  node?: NodeName,
  phase?: PhaseName,
): Promise<void> {
  await query('select pg_notify($1, $2)', [CHANNEL, JSON.stringify({ cluster, node, phase })]);
}

/**
 * Tells listeners which records are others than before, as the server tells of changes. While the connection is away nothing
 * is told; what has changed meanwhile is told when it is back.
 */
export class ChangeFeed {
  readonly #listeners = new Set<(change: RecordedChange) => void>();
  #client: pg.Client | undefined;
  #known: ClusterState | undefined;
  #reading: Promise<void> = Promise.resolve();
  #running: Promise<void> | undefined;
  #ready: Promise<void> = Promise.resolve();
  readonly #end = new AbortController();

  constructor(private readonly parts: ChangeFeedParts) {}

  /** Resolves when everything that is changed from now on is told. */
  get ready(): Promise<void> {
    return this.#ready;
  }

  subscribe(listener: (change: RecordedChange) => void): () => void {
    const own = (change: RecordedChange) => listener(change); // each subscription is one, also of the same function
    this.#listeners.add(own);
    if (this.#running === undefined) {
      let begun: () => void = () => undefined;
      this.#ready = new Promise((resolve) => (begun = resolve));
      this.#running = this.#run(begun);
    }
    return () => this.#listeners.delete(own);
  }

  async end(): Promise<void> {
    this.#end.abort();
    this.#listeners.clear();
    await this.#client?.end().catch(() => undefined);
    await this.#running;
  }

  async #run(begun: () => void): Promise<void> {
    while (!this.#end.signal.aborted) {
      try {
        await this.#listen(begun);
      } catch (error) {
        this.parts.logger.debug({ err: error }, 'the database does not tell of changes');
      }
      begun(); // where there is no connection, nobody waits for it
      await sleep(AGAIN_AFTER_MS, undefined, { ref: false, signal: this.#end.signal }).catch(() => undefined);
    }
  }

  /** Until the connection ends. */
  async #listen(begun: () => void): Promise<void> {
    const client = this.parts.newClient();
    this.#client = client;
    const ended = new Promise<void>((resolve) => client.once('end', resolve));
    client.on('notification', ({ payload }) => {
      if (this.#isOurs(payload)) this.#look();
    });
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
      (client as pg.Client & { unref(): void }).unref(); // its types leave it out
      this.#look();
      await this.#reading;
      begun();
      await ended;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  #isOurs(payload: string | undefined): boolean {
    try {
      return (JSON.parse(payload ?? '') as { cluster?: unknown }).cluster === this.parts.cluster;
    } catch {
      return false; // somebody else's use of the channel
    }
  }

  #look(): void {
    this.#reading = this.#reading.then(async () => {
      const found = await this.parts.load().catch(() => undefined); // who needs it is told by whoever reads it next
      if (found === undefined || this.#end.signal.aborted) return;
      const known = this.#known;
      this.#known = found;
      if (known === undefined) return;
      for (const change of changesBetween(known, found))
        for (const listener of [...this.#listeners]) this.#tell(listener, change);
    });
  }

  #tell(listener: (change: RecordedChange) => void, change: RecordedChange): void {
    try {
      listener(change);
    } catch (error) {
      this.parts.logger.warn({ err: error }, 'a listener to the state failed');
    }
  }
}
