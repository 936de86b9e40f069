import { setMaxListeners } from 'node:events';
import {
  Heartbeat,
  holderOf,
  type Lease,
  leaseLost,
  type Logger,
  type NodeName,
  type PhaseLease,
  type PhaseName,
  SOMEBODY,
  StateError,
} from '@turingpi/core/plugin';
import type { Database } from './database.js';
import { type LeasePlace, readLease } from './lease-rows.js';

/**
 * How much of its time a holder that cannot reach the server goes on. The rest is for what it has begun: a request under way
 * ends before somebody else may begin.
 */
const OWN_SHARE = 0.6;
/** Giving back is a courtesy: what is not given back ends by itself. */
const GIVE_BACK_MS = 3000;

/** What a lease is made of. */
export interface PostgresLeaseParts {
  readonly database: Database;
  readonly place: LeasePlace;
  readonly fence: number;
  readonly token: string;
  readonly ttlMs: number;
  readonly beatMs: number;
  /** When the request for it was sent, by the clock of `performance`: the server gave it later than that. */
  readonly since: number;
  readonly logger: Logger;
  /** Called once when it is over, however it ended. */
  readonly onEnd: () => void;
}

/**
 * A lease whose time is counted by the server. It is renewed again and again; where that does not succeed, its signal fires
 * well before the server gives it to somebody else.
 */
export class PostgresLease implements Lease {
  readonly #lost = new AbortController();
  readonly #heartbeat: Heartbeat;
  #selfStop: NodeJS.Timeout | undefined;
  #hasEnded = false;

  constructor(private readonly parts: PostgresLeaseParts) {
    setMaxListeners(0, this.signal);
    this.#arm(parts.since);
    this.#heartbeat = new Heartbeat(() => this.#renew(), parts.beatMs, parts.logger);
  }

  get resource(): string {
    return this.parts.place.resource;
  }

  get fence(): number {
    return this.parts.fence;
  }

  /** Of this very holding. */
  get token(): string {
    return this.parts.token;
  }

  get place(): LeasePlace {
    return this.parts.place;
  }

  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  async isHeld(): Promise<boolean> {
    if (this.signal.aborted) return false;
    const { database, place, token } = this.parts;
    const row = await readLease(database.statements({ signal: this.signal }), place);
    if (row?.token === token && row.live) return true;
    this.lose(leaseLost(this.resource, row?.owner ? holderOf(row.owner) : SOMEBODY));
    return false;
  }

  /** It is somebody else's, or nobody's: tells who listens. @returns The reason. */
  lose(reason: StateError): StateError {
    this.end();
    this.#lost.abort(reason);
    return reason;
  }

  /** Ends the signs of life. */
  end(): void {
    clearTimeout(this.#selfStop);
    this.#heartbeat.end();
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.parts.onEnd();
  }

  /** Gives it back, whatever became of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#hasEnded && !this.signal.aborted) return;
    this.end();
    const { database, place, token } = this.parts;
    await database.query(
      'update lease set token = null, owner = null where cluster = $1 and resource = $2 and token = $3',
      [place.cluster, place.resource, token],
      { patienceMs: GIVE_BACK_MS },
    );
  }

  async #renew(): Promise<void> {
    const { database, place, token, ttlMs, beatMs } = this.parts;
    const since = performance.now();
    // An expired one is not renewed, also where nobody has taken it yet: its signal has fired.
    const rows = await database.query(
      `update lease set renewed_at = clock_timestamp(), expires_at = clock_timestamp() + $4 * interval '1 millisecond'
       where cluster = $1 and resource = $2 and token = $3 and expires_at > clock_timestamp() returning fence`,
      [place.cluster, place.resource, token, ttlMs],
      { patienceMs: 0, statementMs: Math.max(beatMs, 1000) },
    );
    if (this.#hasEnded) return;
    if (rows.length > 0) this.#arm(since);
    else await this.isHeld();
  }

  #arm(since: number): void {
    clearTimeout(this.#selfStop);
    const leftMs = since + this.parts.ttlMs * OWN_SHARE - performance.now();
    this.#selfStop = setTimeout(() => this.lose(this.#unheard()), Math.max(0, leftMs));
    this.#selfStop.unref();
  }

  #unheard(): StateError {
    const { database, ttlMs } = this.parts;
    const seconds = Math.round((ttlMs * OWN_SHARE) / 1000);
    return new StateError(
      'STATE_LEASE_LOST',
      `${this.resource} could not be kept: ${database.location} has not answered for ${seconds} s`,
      {
        hint: 'See that the database is reached from here, and run again. Another computer may go on meanwhile.',
        details: { resource: this.resource },
      },
    );
  }
}

/** The lease of a phase, whose journal it counts. */
export class PostgresPhaseLease extends PostgresLease implements PhaseLease {
  constructor(
    parts: PostgresLeaseParts,
    readonly node: NodeName,
    readonly phase: PhaseName,
    /** How many entries its journal has; undefined where it keeps none. */
    public entries: number | undefined,
  ) {
    super(parts);
  }
}
