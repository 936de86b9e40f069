import type { JournalEntry, NodeName, PhaseName } from '@turingpi/core/plugin';
import { phaseResource } from '@turingpi/core/plugin';
import type { RunStatement } from './database.js';

/** Whose journal it is. */
export interface JournalPlace {
  readonly cluster: string;
  readonly node: NodeName;
  readonly phase: PhaseName;
}

/**
 * Begins a journal anew, with what of the one before it still holds.
 *
 * @param hash - the inputs that it is made for; null for none
 * @param keep - how many of its entries still hold
 * @returns How many are there.
 */
export async function beginJournal(
  query: RunStatement,
  { cluster, node, phase }: JournalPlace,
  hash: string | null,
  keep: number,
): Promise<number> {
  const place = [cluster, node, phase];
  // Of one that was made for other inputs nothing holds.
  await query(
    `delete from journal_entry j using phase p
     where j.cluster = $1 and j.node = $2 and j.phase = $3
       and p.cluster = j.cluster and p.node = j.node and p.phase = j.phase
       and (j.position >= $4 or p.journal_hash is distinct from $5)`,
    [...place, keep, hash],
  );
  await query('update phase set journal_hash = $4 where cluster = $1 and node = $2 and phase = $3', [
    ...place,
    hash,
  ]);
  const [row] = await query<{ count: number }>(
    'select count(*)::integer as count from journal_entry where cluster = $1 and node = $2 and phase = $3',
    place,
  );
  return row?.count ?? 0;
}

/** What is in a journal, in order, where it was made for these inputs. */
export async function readJournal(
  query: RunStatement,
  { cluster, node, phase }: JournalPlace,
  hash: string,
): Promise<unknown[]> {
  const rows = await query<{ entry: unknown }>(
    `select j.entry from journal_entry j join phase p using (cluster, node, phase)
     where cluster = $1 and node = $2 and phase = $3 and p.journal_hash = $4 order by position`,
    [cluster, node, phase, hash],
  );
  return rows.map(({ entry }) => entry);
}

/**
 * Adds an entry, where the phase is still held; added again, it is there once.
 *
 * @returns Whether it was still held.
 */
export async function appendEntry(
  query: RunStatement,
  { cluster, node, phase }: JournalPlace,
  {
    token,
    position,
    entry,
  }: { readonly token: string; readonly position: number; readonly entry: JournalEntry },
): Promise<boolean> {
  // Who takes the phase over waits for this statement, and finds the entry.
  const rows = await query(
    `with held as (select 1 from lease where cluster = $1 and resource = $6 and token = $7 for share)
     insert into journal_entry (cluster, node, phase, position, entry) select $1, $2, $3, $4, $5 from held
     on conflict (cluster, node, phase, position) do update set entry = excluded.entry returning position`,
    [cluster, node, phase, position, JSON.stringify(entry), phaseResource(node, phase), token],
  );
  return rows.length > 0;
}
