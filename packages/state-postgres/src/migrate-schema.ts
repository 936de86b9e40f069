import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { StateError } from '@turingpi/core/plugin';
import type { Database } from './database.js';

/** Numbered files of SQL, which are only added to: a published one is never changed. */
export const MIGRATIONS = path.resolve(import.meta.dirname, '../migrations');
const TABLE = 'migration';

/**
 * Brings the tables of a database into the form that this program knows. Where they have it, they are only looked at.
 *
 * @param upTo - how many of the migrations are run, for tests of earlier versions
 * @throws StateError `STATE_UNSUPPORTED_VERSION` when a newer program has made them, `STATE_WRITE_FAILED` when the role may
 * not.
 */
export async function migrateSchema(database: Database, upTo?: number): Promise<void> {
  const { location, schema } = database;
  const known = (await readdir(MIGRATIONS)).map((file) => path.parse(file).name).toSorted(byNumber);
  const run = await migrationsRun(database);
  const foreign = run.filter((name) => !known.includes(name));
  if (foreign.length > 0)
    throw new StateError(
      'STATE_UNSUPPORTED_VERSION',
      `the tables in ${location} were made by a newer program (${foreign.join(', ')})`,
      { hint: 'Upgrade @turingpi/state-postgres.' },
    );
  const wanted = known.slice(0, upTo);
  if (wanted.every((name) => run.includes(name))) return;
  const { runner } = await import('node-pg-migrate'); // once in the life of a database
  const client = database.newClient();
  try {
    await client.connect();
    await runner({
      dbClient: client,
      dir: MIGRATIONS,
      direction: 'up',
      count: wanted.length - run.length,
      migrationsTable: TABLE,
      schema,
      createSchema: !(await hasSchema(database)),
      checkOrder: true,
      singleTransaction: true,
      advisoryLockMode: 'wait', // of two who come at once, the second finds them
      logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new StateError('STATE_WRITE_FAILED', `the tables in ${location} cannot be made: ${why}`, {
      cause,
      hint: `Run \`turingpi state show\` once as the role that owns the schema ${schema}.`,
    });
  } finally {
    await client.end();
  }
}

/** The migrations that a database has had, in order. */
async function migrationsRun(database: Database): Promise<string[]> {
  const [found] = await database.query<{ there: boolean }>(
    'select to_regclass($1) is not null as there',
    [`${database.schema}.${TABLE}`],
    { patienceMs: 0 }, // nothing has begun: who starts is told at once
  );
  if (found?.there !== true) return [];
  const rows = await database.query<{ name: string }>(`select name from ${TABLE} order by id`);
  return rows.map(({ name }) => name);
}

async function hasSchema(database: Database): Promise<boolean> {
  const rows = await database.query('select 1 from pg_namespace where nspname = $1', [database.schema]);
  return rows.length > 0;
}

function byNumber(one: string, other: string): number {
  return Number.parseInt(one, 10) - Number.parseInt(other, 10);
}
