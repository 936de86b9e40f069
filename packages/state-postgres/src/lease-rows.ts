import type { PhaseOwner } from '@turingpi/core/plugin';
import type { RunStatement } from './database.js';

/** What a lease is on: of one cluster, or, with an empty name, of everybody who uses the database. */
export interface LeaseKey {
  readonly cluster: string;
  readonly resource: string;
}

/** What the server says of a lease. */
export interface LeaseRow {
  readonly fence: number;
  /** Of this very holding; null while nobody has it. */
  readonly token: string | null;
  readonly owner: PhaseOwner | null;
  /** ISO 8601 with microseconds: the last sign of life. */
  readonly renewed: string | null;
  /** Somebody has it, and by the server's clock its time is not over. */
  readonly live: boolean;
}

/** How a lease is taken. */
export interface TakenLease {
  readonly fence: number;
  readonly token: string;
  readonly owner: PhaseOwner;
  readonly ttlMs: number;
}

/** The row of a lease; undefined when nobody has ever had it. @param locked - nobody else changes it meanwhile */
export async function readLease(
  query: RunStatement,
  { cluster, resource }: LeaseKey,
  locked = false,
): Promise<LeaseRow | undefined> {
  const [row] = await query<LeaseRow & Record<string, unknown>>(
    `select fence, token, owner, renewed_at::text as renewed,
       coalesce(token is not null and expires_at > clock_timestamp(), false) as live
     from lease where cluster = $1 and resource = $2${locked ? ' for update' : ''}`,
    [cluster, resource],
  );
  return row;
}

/** Makes somebody the holder of a lease. */
export async function writeLease(
  query: RunStatement,
  { cluster, resource }: LeaseKey,
  { fence, token, owner, ttlMs }: TakenLease,
): Promise<void> {
  await query(
    `insert into lease (cluster, resource, fence, token, owner, renewed_at, expires_at)
     values ($1, $2, $3, $4, $5, clock_timestamp(), clock_timestamp() + $6 * interval '1 millisecond')
     on conflict (cluster, resource) do update set fence = excluded.fence, token = excluded.token,
       owner = excluded.owner, renewed_at = excluded.renewed_at, expires_at = excluded.expires_at`,
    [cluster, resource, fence, token, JSON.stringify(owner), ttlMs],
  );
}

/** Takes a lease from whoever has it: it is nobody's. */
export async function freeLease(query: RunStatement, { cluster, resource }: LeaseKey): Promise<void> {
  await query('update lease set token = null, owner = null where cluster = $1 and resource = $2', [
    cluster,
    resource,
  ]);
}

/** The time of the server. */
export async function serverTime(query: RunStatement): Promise<Date> {
  const [row] = await query<{ now: Date }>('select clock_timestamp() as now');
  if (row === undefined) throw new TypeError('the server did not tell its time');
  return row.now;
}
