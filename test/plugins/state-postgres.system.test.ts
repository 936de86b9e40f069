import { execFile } from 'node:child_process';
import os from 'node:os';
import { promisify } from 'node:util';
import { type OpenedState, stateStoreCases } from '@turingpi/conformance';
import { silentLogger } from '@turingpi/core';
import type { LeaseTimings } from '@turingpi/core/plugin';
import { openPostgresState, postgresSettings } from '@turingpi/state-postgres';
import { generateX25519Identity } from 'age-encryption';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { PostgresServer, requirePostgres } from '../../bench/store/postgres-server.js';

/** For a process of its own, which ends without having given anything back. */
const CLAIM = `
  import { openPostgresState, postgresSettings } from '@turingpi/state-postgres';
  const [settings, node, phase, hash] = process.argv.slice(1);
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const store = await openPostgresState({
    settings: postgresSettings.parse(JSON.parse(settings)),
    ...{ stateFile: '/state.json', baseDir: '/', environment: {}, logger },
  });
  const record = () => ({ status: 'running', timestamp: '2026-01-02T03:04:05.678Z' });
  const { signal } = new AbortController();
  await store.claim(node, phase, hash, { record, seen: undefined, signal });
  process.exit();
`;

interface OpenedDatabase extends OpenedState {
  readonly settings: object;
}

const { missing } = requirePostgres();

describe.skipIf(missing)('the state in PostgreSQL', () => {
  let server: PostgresServer | undefined;
  let secretsKey: string;
  beforeAll(async () => {
    [server, secretsKey] = await Promise.all([PostgresServer.start(), generateX25519Identity()]);
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  let schemas = 0;
  const open = (): Promise<OpenedDatabase> => {
    const timings: LeaseTimings = { beatMs: 100, staleMs: 800, lookMs: 20 };
    const settings = { url: server!.url(), schema: `case_${(schemas += 1)}`, secretsKey };
    const opened: AsyncDisposable[] = [];
    const connect = async (beatMs: number, host = os.hostname()) => {
      const store = await openPostgresState({
        ...{ stateFile: '/state.json', baseDir: '/', environment: {}, logger: silentLogger, host },
        settings: postgresSettings.parse(settings),
        timings: { ...timings, beatMs },
      });
      opened.push(store);
      return store;
    };
    return Promise.resolve({
      settings,
      ttlMs: timings.staleMs,
      connect: () => connect(timings.beatMs),
      connectElsewhere: ({ suspended }) => connect(suspended ? 60_000 : timings.beatMs, 'another-computer'),
      [Symbol.asyncDispose]: async () => {
        for (const store of opened) await store[Symbol.asyncDispose]();
      },
    });
  };

  const cases = stateStoreCases({
    open,
    claimAndDie: async ({ settings }, ...claim) => {
      const program = ['--input-type=module', '--eval', CLAIM, '--', JSON.stringify(settings), ...claim];
      await promisify(execFile)(process.execPath, program, { cwd: import.meta.dirname });
    },
  });
  for (const { name, run } of cases) it(name, run);
});
