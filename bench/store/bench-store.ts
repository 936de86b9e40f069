import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { FileStateStore, silentLogger, type StateStore } from '@turingpi/core';
import { openPostgresState, postgresSettings } from '@turingpi/state-postgres';
import { generateX25519Identity } from 'age-encryption';
import { MissingPrograms } from '../assert-programs.js';
import type { ClaimOften } from './claim-often.js';
import { claimedOften } from './claimed-often.js';
import { PostgresServer, requirePostgres } from './postgres-server.js';

const FULL = { processes: 32, count: 500 };
const SHORT = { processes: 4, count: 50 };
/** The file is locked and written whole each time, by one process after the other: as many as for PostgreSQL take a quarter of an hour. */
const FILE_COUNT = 50;

/**
 * Many processes at once: each claims a phase, writes an action down and finishes it, again and again, and all count in one
 * record. PostgreSQL, whose commits wait for the disk, beside the file.
 *
 * @throws Error when a count or an entry was lost.
 */
export async function benchStore(
  print: (line: string) => void,
  { short }: { readonly short: boolean },
): Promise<Readonly<Record<string, number>>> {
  if (requirePostgres().missing)
    throw new MissingPrograms('the store of the state needs PostgreSQL: not installed');
  const load = short ? SHORT : FULL;
  const folder = await mkdtemp(path.join(os.tmpdir(), 'turingpi-bench-store-'));
  await using server = await PostgresServer.start({ durable: true });
  try {
    const settings = { url: server.url(), secretsKey: await generateX25519Identity() };
    const open = (stateFile: string) =>
      openPostgresState({
        ...{ stateFile, baseDir: '/', environment: {}, logger: silentLogger },
        settings: postgresSettings.parse(settings),
      });
    const database = await measured('postgres', { settings }, await open('/shared.json'), load, print);
    const inFile = new FileStateStore(path.join(folder, 'shared.json'));
    const file = await measured('file', { folder }, inFile, { ...load, count: FILE_COUNT }, print);
    return { postgres_claim_p99_ms: database, file_claim_p99_ms: file };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measured(
  name: string,
  store: ClaimOften['store'],
  shared: StateStore,
  load: typeof FULL,
  print: (line: string) => void,
): Promise<number> {
  await using closing = shared;
  const { p99Ms, medianMs, entries } = await claimedOften(store, load);
  const times = Number((await closing.load()).Node1?.os_installation?.output?.['times']);
  const { processes, count } = load;
  if (times !== processes * count || entries.some((each) => each !== count))
    throw new Error(
      `${name}: ${processes * count - times} counts were lost, journals have ${entries.join()}`,
    );
  print(
    `${name}: ${processes} processes, ${count} claims each: median ${medianMs.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms; nothing lost`,
  );
  return p99Ms;
}
