import {
  holderOf,
  leaseLost,
  type NodeName,
  type PhaseLease,
  type PhaseName,
  ServedLease,
  type ServedLeaseParts,
  SOMEBODY,
} from '@turingpi/core/plugin';
import type { Database } from './database.js';
import { type LeaseKey, readLease } from './lease-rows.js';

/** Giving back is a courtesy: what is not given back ends by itself. */
const GIVE_BACK_MS = 3000;
/** How long a sign of life of somebody elsewhere may take, in milliseconds: that of the usual time between two. */
const SIGN_MS = 5000;

/** What a lease is made of. */
export interface PostgresLeaseParts extends ServedLeaseParts {
  readonly database: Database;
  readonly place: LeaseKey;
  readonly token: string;
  /** Called once when it is over, however it ended. */
  readonly onEnd: () => void;
}

/** A lease that is a row of the database, by whose clock it ends. */
export class PostgresLease extends ServedLease {
  constructor(private readonly parts: PostgresLeaseParts) {
    super(parts.place.resource, parts, { kind: 'database', location: parts.database.location });
  }

  /** Of this very holding. */
  get token(): string {
    return this.parts.token;
  }

  get place(): LeaseKey {
    return this.parts.place;
  }

  protected override async look(): Promise<boolean> {
    const { database, place, token } = this.parts;
    const row = await readLease(database.statements({ signal: this.signal }), place);
    if (row?.token === token && row.live) return true;
    this.lose(leaseLost(this.resource, row?.owner ? holderOf(row.owner) : SOMEBODY));
    return false;
  }

  protected override async renew(): Promise<boolean> {
    const { database, place, token, ttlMs, beatMs } = this.parts;
    // An expired one is not renewed, also where nobody has taken it yet: its signal has fired.
    const rows = await database.query(
      `update lease set renewed_at = clock_timestamp(), expires_at = clock_timestamp() + $4 * interval '1 millisecond'
       where cluster = $1 and resource = $2 and token = $3 and expires_at > clock_timestamp() returning fence`,
      [place.cluster, place.resource, token, ttlMs],
      { patienceMs: 0, statementMs: beatMs === undefined ? SIGN_MS : this.signMs },
    );
    if (rows.length === 0 && !this.hasEnded) await this.isHeld();
    return rows.length > 0;
  }

  protected override async giveBack(): Promise<void> {
    const { database, place, token } = this.parts;
    await database.query(
      'update lease set token = null, owner = null where cluster = $1 and resource = $2 and token = $3',
      [place.cluster, place.resource, token],
      { patienceMs: GIVE_BACK_MS },
    );
  }

  protected override onEnd(): void {
    this.parts.onEnd();
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
