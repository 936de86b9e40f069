import type { NodeName, PhaseName } from '@turingpi/core/plugin';
import type pg from 'pg';
import type { RunStatement } from './database.js';

/** Where the server tells of changes. What it says is only that there is one: what changed is read. */
const CHANNEL = 'turingpi_state';
/** Between two questions whether the server is there still, in milliseconds. */
const ASK_EVERY_MS = 15_000;

/** Tells everybody who listens that a record was changed, when the transaction is committed. */
export async function tellChange(
  query: RunStatement,
  cluster: string,
  node?: NodeName,
  phase?: PhaseName,
): Promise<void> {
  await query('select pg_notify($1, $2)', [CHANNEL, JSON.stringify({ cluster, node, phase })]);
}

/** Listens to a connection of its own until that ends. @param look - called when it listens, and at each change */
export async function listenToChanges(
  client: pg.Client,
  cluster: string,
  { look, signal }: { readonly look: () => void; readonly signal: AbortSignal },
): Promise<void> {
  const leave = () => client.end().catch(() => undefined);
  const onAbort = (): void => void leave();
  const ended = new Promise<void>((resolve) => client.once('end', resolve));
  client.on('notification', ({ payload }) => {
    if (isOf(cluster, payload)) look();
  });
  signal.addEventListener('abort', onAbort, { once: true });
  let asking: NodeJS.Timeout | undefined;
  try {
    await client.connect();
    await client.query(`listen ${CHANNEL}`);
    (client as pg.Client & { unref(): void }).unref(); // its types leave it out
    look();
    // Cut off without a word, the connection is left, and made anew.
    const ask = (): void => void client.query('select 1').catch(leave);
    asking = setInterval(ask, ASK_EVERY_MS).unref();
    await ended;
  } finally {
    clearInterval(asking);
    signal.removeEventListener('abort', onAbort);
    await leave();
  }
}

function isOf(cluster: string, payload: string | undefined): boolean {
  try {
    return (JSON.parse(payload ?? '') as { cluster?: unknown }).cluster === cluster;
  } catch {
    return false; // somebody else's use of the channel
  }
}
