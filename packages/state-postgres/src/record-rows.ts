import {
  type ClusterState,
  type NodeName,
  type PhaseName,
  type PhaseRecord,
  readRecords,
  STATE_VERSION,
} from '@turingpi/core/plugin';
import type { RunStatement } from './database.js';

/** Where the records of a cluster are. */
export interface RecordPlace {
  readonly location: string;
  /** The name of the cluster. */
  readonly cluster: string;
}

interface RecordRow {
  readonly version: number;
  readonly board: unknown;
  readonly node: string | null;
  readonly phase: string | null;
  readonly fence: number | null;
  readonly record: Readonly<Record<string, unknown>> | null;
  /** ISO 8601: the last sign of life of who runs it. */
  readonly heartbeat: string | null;
}

/** The time of the server as the records have it, of a column or expression. */
export const isoTime = (expression: string): string =>
  `to_char(${expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const RECORDS = `
  select c.version, c.board, p.node, p.phase, p.fence, p.record, ${isoTime('l.renewed_at')} as heartbeat
  from cluster c
  left join phase p on p.cluster = c.name
  left join lease l on l.cluster = p.cluster and l.resource = p.node || '.' || p.phase and l.token is not null
  where c.name = $1`;

/** Everything on record of a cluster. */
export async function loadRecords(place: RecordPlace, query: RunStatement): Promise<ClusterState> {
  return stateOf(await query<RecordRow>(RECORDS, [place.cluster]), place);
}

/** Makes sure that there is a cluster to put records into. @throws StateError `STATE_UNSUPPORTED_VERSION` */
export async function beginCluster(place: RecordPlace, query: RunStatement): Promise<void> {
  const [found] = await query<{ version: number }>('select version from cluster where name = $1', [
    place.cluster,
  ]);
  if (found !== undefined) readRecords({ version: found.version }, place.location);
  else
    await query('insert into cluster (name, version) values ($1, $2) on conflict do nothing', [
      place.cluster,
      STATE_VERSION,
    ]);
}

/**
 * Replaces the record of a phase.
 *
 * @param record - its `fence` is the number of claims that is kept
 */
export async function writeRecord(
  { cluster }: RecordPlace,
  query: RunStatement,
  at: { readonly node: NodeName; readonly phase: PhaseName },
  { fence = 0, ...record }: PhaseRecord,
): Promise<void> {
  await query(
    `insert into phase (cluster, node, phase, fence, record) values ($1, $2, $3, $4, $5)
     on conflict (cluster, node, phase) do update set fence = excluded.fence, record = excluded.record`,
    [cluster, at.node, at.phase, fence, JSON.stringify(record)],
  );
}

function stateOf(rows: readonly RecordRow[], { location }: RecordPlace): ClusterState {
  const [first] = rows;
  const document: Record<string, unknown> = { version: first?.version ?? STATE_VERSION };
  if (first?.board) document['board'] = first.board;
  for (const { node, phase, fence, record, heartbeat } of rows) {
    if (node === null || phase === null) continue;
    const phases = (document[node] ??= {}) as Record<string, unknown>;
    phases[phase] = { ...withHeartbeat(record, heartbeat), ...(fence ? { fence } : {}) };
  }
  return readRecords(document, location);
}

/** The sign of life is in the lease: the record is not written again for it. */
function withHeartbeat(record: RecordRow['record'], heartbeat: string | null): RecordRow['record'] {
  const owner = record?.['owner'];
  return owner && heartbeat !== null ? { ...record, owner: { ...owner, heartbeat } } : record;
}
