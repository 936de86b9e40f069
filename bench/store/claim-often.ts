// Run in a child process: claims a phase of its own again and again, writes down an action each time, and counts in a record
// that all share. Argument: JSON of ClaimOften. Prints how long each claim took, in milliseconds, as JSON.
import path from 'node:path';
import { FileStateStore, silentLogger, type StateStore } from '@turingpi/core';
import { openPostgresState, postgresSettings } from '@turingpi/state-postgres';

/** What a child does. */
export interface ClaimOften {
  /** Settings of the database, or the folder of state files. */
  readonly store: { readonly settings: object } | { readonly folder: string };
  /** Which of the children it is. */
  readonly index: number;
  readonly count: number;
}

const { store, index, count } = JSON.parse(process.argv[2] ?? '') as ClaimOften;
const own = await open(`own-${index}`);
const shared = await open('shared');
const { signal } = new AbortController();
const at = new Date().toISOString();
const claimMs: number[] = [];
let seen: number | undefined;
for (let round = 0; round < count; round += 1) {
  const begun = performance.now();
  const lease = await own.claim('Node1', 'post_installation', 'hash', {
    ...{ signal, seen, keepJournal: round },
    record: () => ({ status: 'running', timestamp: at }),
  });
  claimMs.push(performance.now() - begun);
  seen = lease.fence;
  await own.append(lease, { action: 'count', digest: String(round), result: round, at });
  await own.finish(lease, () => ({ status: 'completed', timestamp: at, input_hash: 'hash' }));
  await shared.amend('Node1', (phases) => {
    const times = Number(phases?.os_installation?.output?.['times'] ?? 0) + 1;
    return { os_installation: { status: 'completed', timestamp: at, output: { times } } };
  });
}
const entries = (await own.journal('Node1', 'post_installation')).length;
process.stdout.write(JSON.stringify({ claimMs, entries }));
await own[Symbol.asyncDispose]();
await shared[Symbol.asyncDispose]();

function open(name: string): StateStore | Promise<StateStore> {
  if ('folder' in store) return new FileStateStore(path.join(store.folder, `${name}.json`));
  const settings = postgresSettings.parse(store.settings);
  return openPostgresState({
    ...{ stateFile: `/${name}.json`, baseDir: '/', environment: {}, logger: silentLogger },
    settings,
  });
}
