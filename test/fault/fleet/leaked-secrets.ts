import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { holdsWord } from '../../support/site/holds-word.js';
import type { FleetLab } from './fleet-lab.js';

/** What no board's secret is, and stands wherever something private does. */
const PRIVATE_KEY = 'PRIVATE KEY-----';

/**
 * Looks for secrets of a fleet where others look: in what Temporal and PostgreSQL have on their disks (histories with
 * failures and stack traces, rows, the logs that they write ahead), in rows once more as they are read, in what programs
 * said, and in traces. A name that is no secret must be found in each place, or the search is worth nothing. Temporal and
 * PostgreSQL do not run any more after it.
 */
export async function leakedSecrets(lab: FleetLab, known: string): Promise<readonly string[]> {
  await lab.database.sql('checkpoint');
  const inRows = await leakedInRows(lab, known);
  await Promise.all([lab.temporal.kill(), lab.database.kill()]); // files come and go while they run
  const places: readonly (readonly [string, Buffer])[] = [
    ['the database of Temporal', await filesIn(lab.temporal.folder)],
    ['the files of PostgreSQL', await filesIn(lab.database.folder)],
    ['what programs said', Buffer.from(lab.log)],
    ['traces', lab.spans],
  ];
  const wrong = places.flatMap(([place, bytes]) => [
    ...(holdsWord(bytes, known) ? [] : [`${known} is not in ${place}: nothing else would be found there`]),
    ...[...lab.secrets, PRIVATE_KEY]
      .filter((secret) => holdsWord(bytes, secret))
      .map((secret) => `a secret is in ${place}: ${secret.slice(0, 4)}…`),
  ]);
  return [...wrong, ...inRows];
}

/** Large values are compressed on the disk. */
async function leakedInRows({ database, secrets }: FleetLab, known: string): Promise<readonly string[]> {
  const listed = await database.sql(
    `select table_name from information_schema.tables where table_schema = 'turingpi' and table_type = 'BASE TABLE'`,
  );
  const rowsWith = async (word: string) => {
    const each = listed
      .split('\n')
      .map((table) => `select t::text from turingpi.${table} t where strpos(t::text, '${word}') > 0`);
    return Number(await database.sql(`select count(*) from (${each.join(' union all ')}) found`));
  };
  const leaked: string[] = [];
  for (const secret of [...secrets, PRIVATE_KEY])
    if ((await rowsWith(secret)) > 0) leaked.push(`a secret is in rows: ${secret.slice(0, 4)}…`);
  return (await rowsWith(known)) > 0 ? leaked : [...leaked, `${known} is in no row: nothing would be found`];
}

async function filesIn(folder: string): Promise<Buffer> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Buffer.concat(
    await Promise.all(files.map((file) => readFile(path.join(file.parentPath, file.name)))),
  );
}
