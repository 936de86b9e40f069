import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type OpenedState, stateStoreCases } from '@turingpi/conformance';
import { FileStateStore } from '@turingpi/core';
import { CleanupStack, type LeaseTimings, silentLogger, type StateStore } from '@turingpi/core/plugin';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Relay } from '../support/site/relay.js';
import { requireTools } from '../support/site/require-tools.js';
import { type CertificateFiles, makeAuthority } from './certificate-authority.js';
import { httpSettings, openHttpState, StateServer, type StateServerOptions } from '@turingpi/state-http';
import { openPostgresState, postgresSettings } from '@turingpi/state-postgres';
import { generateX25519Identity } from 'age-encryption';
import { PostgresServer, requirePostgres } from '../../bench/store/postgres-server.js';

const SOON: LeaseTimings = { beatMs: 200, staleMs: 2000, lookMs: 20 };
/** For who must not lose it, however busy the computer is. */
const LATER: LeaseTimings = { ...SOON, staleMs: 4000 };
const { signal: forever } = new AbortController();
interface ConnectOptions {
  readonly as?: CertificateFiles;
  readonly cluster?: string;
  readonly ca?: string;
  readonly timings?: LeaseTimings;
  readonly host?: string;
}
const AT = '2026-01-02T03:04:05.678Z';

describe.skipIf(requireTools('openssl').missing)('a state behind a server', () => {
  const cleanup = new CleanupStack();
  let folder: string;
  let files: Readonly<Record<'server' | 'client' | 'other', CertificateFiles>>;
  let stranger: CertificateFiles;
  let states = 0;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'turingpi-http-'));
    cleanup.defer('folder', () => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    const issue = await makeAuthority(folder);
    files = { server: await issue('server'), client: await issue('client'), other: await issue('other') };
    const elsewhere = path.join(folder, 'elsewhere');
    await mkdir(elsewhere);
    stranger = await (await makeAuthority(elsewhere))('client');
  });
  afterAll(async () => {
    await cleanup[Symbol.asyncDispose]();
  });

  const serve = async (options: Partial<StateServerOptions> = {}) => {
    const directory = path.join(folder, `state-${(states += 1)}`);
    await mkdir(directory);
    const { ca, cert, key } = files.server;
    const [authority, certificate, secret] = await Promise.all(
      [ca, cert, key].map((file) => readFile(file, 'utf8')),
    );
    return StateServer.listen({
      open: (cluster) => {
        const file = path.join(directory, `${cluster}.json`);
        return Promise.resolve(new FileStateStore(file, { timings: SOON }));
      },
      ...{ ca: authority!, cert: certificate!, key: secret!, host: '127.0.0.1', ...options },
    });
  };
  const connect = (
    port: number,
    {
      as = files.client,
      cluster = 'lab',
      ca = as.ca,
      timings = SOON,
      host = os.hostname(),
    }: ConnectOptions = {},
  ): Promise<StateStore> =>
    openHttpState({
      ...{ stateFile: '/state.json', baseDir: '/', logger: silentLogger, timings, host },
      settings: httpSettings.parse({ url: `https://127.0.0.1:${port}`, ...as, ca, cluster }),
    });

  /** Makes the server for a case. */
  type Serve = () => Promise<StateServer>;
  const casesOf = (begin: Serve) =>
    stateStoreCases({
      open: async (): Promise<OpenedState> => {
        const opened = new CleanupStack();
        const server = opened.use('server', await begin());
        const use = async (...how: Parameters<typeof connect>) => opened.use('store', await connect(...how));
        return {
          ttlMs: SOON.staleMs,
          connect: () => use(server.port),
          connectElsewhere: ({ suspended }) =>
            use(server.port, {
              timings: { ...SOON, ...(suspended ? { beatMs: 60_000 } : {}) },
              host: 'another-computer',
            }),
          [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
        };
      },
    });
  describe('that keeps files', () => {
    for (const { name, run } of casesOf(() => serve())) it(name, run);
  });

  describe.skipIf(requirePostgres().missing)('that keeps them in PostgreSQL', () => {
    let database: PostgresServer;
    let secretsKey: string;
    beforeAll(async () => {
      [database, secretsKey] = await Promise.all([PostgresServer.start(), generateX25519Identity()]);
    });
    afterAll(() => database[Symbol.asyncDispose]());
    const begin: Serve = () => {
      const settings = { url: database.url(), schema: `case_${(states += 1)}`, secretsKey };
      return serve({
        open: (cluster) =>
          openPostgresState({
            ...{ stateFile: `/${cluster}.json`, baseDir: '/', environment: {}, logger: silentLogger },
            ...{ settings: postgresSettings.parse(settings), timings: SOON },
          }),
      });
    };
    for (const { name, run } of casesOf(begin)) it(name, run);
  });

  it('is for whom its authority vouches, and is asked only where it is vouched for', async () => {
    await using server = await serve({
      mayUse: (client, cluster) => client === 'client' && cluster === 'lab',
    });
    await (await connect(server.port))[Symbol.asyncDispose]();
    const code = 'STATE_UNREACHABLE';
    // Of an authority that the server does not know; by one that this client does not know; not for this one.
    await expect(connect(server.port, { as: stranger, ca: files.client.ca })).rejects.toMatchObject({ code });
    await expect(connect(server.port, { ca: stranger.ca })).rejects.toMatchObject({ code });
    await expect(connect(server.port, { as: files.other })).rejects.toMatchObject({ code });
    await expect(connect(server.port, { cluster: 'rack' })).rejects.toMatchObject({ code });
  });

  it('says who holds what, and since when', async () => {
    await using server = await serve();
    await using one = await connect(server.port, { host: 'somewhere' });
    await using other = await connect(server.port);
    await using slot = await one.acquire('slot', { signal: forever });
    await expect(other.acquire(slot.resource, { signal: forever })).rejects.toMatchObject({
      code: 'STATE_LEASE_HELD',
      message: expect.stringMatching(/process \d+ on somewhere \(since 2/) as string,
    });
  });

  it('keeps what is held while it is away for less than its time; away for longer, its holder stops first', async () => {
    await using server = await serve();
    await using relay = await Relay.start(0, { host: '127.0.0.1', port: server.port });
    await using store = await connect(relay.port, { timings: LATER });
    await using other = await connect(server.port);
    const record = () => ({ status: 'running' as const, timestamp: AT });
    const claim = { record, seen: undefined, keepJournal: 0, signal: forever };
    const phase = await store.claim('Node1', 'post_installation', 'aa', claim);
    const slot = await store.acquire('slot', { signal: forever });
    relay.cut();
    const written = store.append(phase, { action: 'a', digest: 'a', result: null, at: AT });
    await sleep(LATER.staleMs * 0.1);
    relay.join();
    await written;
    await sleep(LATER.staleMs); // as long as it would take to lose it
    expect([slot.signal.aborted, await slot.isHeld?.(), phase.signal.aborted]).toEqual([false, true, false]);
    expect(await other.journal('Node1', 'post_installation')).toHaveLength(1);

    const lostAt = new Promise<number>((resolve) =>
      slot.signal.addEventListener('abort', () => resolve(performance.now())),
    );
    relay.cut();
    await using theirs = await other.acquire('slot', { signal: forever, wait: true });
    const takenAt = performance.now();
    expect(takenAt - (await lostAt)).toBeGreaterThan(LATER.staleMs * 0.2);
    expect(slot.signal.reason).toMatchObject({ code: 'STATE_LEASE_LOST' });
    relay.join();
    expect(theirs.fence).toBeGreaterThan(slot.fence);
    const next = await other.claim('Node1', 'post_installation', 'aa', { ...claim, seen: phase.fence });
    await expect(store.finish(phase, record)).rejects.toMatchObject({ code: 'STATE_LEASE_LOST' });
    await next[Symbol.asyncDispose]();
  });
});
