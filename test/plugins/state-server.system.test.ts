import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { CleanupStack, type LeaseTimings, silentLogger, type StateStore } from '@turingpi/core/plugin';
import { httpSettings, openHttpState } from '@turingpi/state-http';
import { generateX25519Identity } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresServer, requirePostgres } from '../../bench/store/postgres-server.js';
import { requireTools } from '../support/site/require-tools.js';
import { runCli, startCli } from '../support/site/run-cli.js';
import { type CertificateFiles, makeAuthority } from './certificate-authority.js';

const { signal: forever } = new AbortController();
const AT = '2026-01-02T03:04:05.678Z';
/** A server is away for some seconds when it is started anew; and leases that are over before it is back. */
const LONG: LeaseTimings = { beatMs: 500, staleMs: 60_000, lookMs: 50 };
const SHORT: LeaseTimings = { beatMs: 200, staleMs: 2000, lookMs: 50 };
const MODULES = path.resolve(import.meta.dirname, '../../node_modules');
const CLAIM = {
  record: () => ({ status: 'running' as const, timestamp: AT }),
  ...{ seen: undefined, keepJournal: 0, signal: forever },
};

const skip = requirePostgres().missing || requireTools('openssl').missing;

describe.skipIf(skip)('turingpi state-server', () => {
  const cleanup = new CleanupStack();
  let folder: string;
  let client: CertificateFiles;
  let database: PostgresServer;
  let environment: Readonly<Record<string, string>>;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'turingpi-served-'));
    cleanup.defer('folder', () => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    const issue = await makeAuthority(folder);
    await issue('server');
    client = await issue('client');
    database = cleanup.use('database', await PostgresServer.start());
    environment = { STATE_URL: database.url(), TPI_SECRETS_KEY: await generateX25519Identity() };
    const dependencies = { '@turingpi/state-http': '*', '@turingpi/state-postgres': '*' };
    await writeFile(path.join(folder, 'package.json'), JSON.stringify({ dependencies }));
    await symlink(MODULES, path.join(folder, 'node_modules'));
  });
  afterAll(async () => {
    await cleanup[Symbol.asyncDispose]();
  });

  const write = async (name: string, content: object) => {
    const file = path.join(folder, name);
    const certificates = { ca: 'ca.crt', cert: 'server.crt', key: 'server.key' };
    await writeFile(file, JSON.stringify({ listen: '127.0.0.1:0', ...certificates, ...content }));
    return file;
  };
  const start = async (file: string): Promise<{ readonly child: ChildProcess; readonly port: number }> => {
    const child = startCli(['state-server', file, '--json'], { cwd: folder, env: environment });
    cleanup.defer('server', () => void child.kill('SIGKILL'));
    const lines = createInterface({ input: child.stdout! });
    const [line] = (await Promise.race([once(lines, 'line'), once(child, 'exit')])) as [unknown];
    return { child, port: (JSON.parse(String(line)) as { readonly port: number }).port };
  };
  const connect = async (port: number, timings: LeaseTimings): Promise<StateStore> =>
    cleanup.use(
      'store',
      await openHttpState({
        ...{ stateFile: '/state.json', baseDir: '/', logger: silentLogger, timings },
        settings: httpSettings.parse({ url: `https://127.0.0.1:${port}`, ...client, cluster: 'lab' }),
      }),
    );

  it.each([
    ['files', {}],
    ['PostgreSQL', { state: { postgres: { url: { env: 'STATE_URL' } } } }],
  ])('over %s is killed and back: work goes on whose lease holds, and no other', async (name, state) => {
    const directory = { directory: `states of ${name}` };
    const first = await start(await write('server.yaml', { ...state, ...directory }));
    const store = await connect(first.port, LONG);
    const [mayfly, other] = [await connect(first.port, SHORT), await connect(first.port, LONG)];
    const phase = await store.claim('Node1', 'post_installation', 'aa', CLAIM);
    const slot = await store.acquire('slot', { signal: forever });
    const brief = await mayfly.acquire('brief', { signal: forever });
    const lost = once(brief.signal, 'abort');
    first.child.kill('SIGKILL');
    const written = store.append(phase, { action: 'a', digest: 'a', result: null, at: AT });
    await lost; // while nobody could let anybody else in
    const listen = `127.0.0.1:${first.port}`;
    const second = await start(await write('again.yaml', { ...state, ...directory, listen }));
    await written;
    const theirs = await other.acquire('brief', { signal: forever, wait: true });
    expect(theirs.fence).toBeGreaterThan(brief.fence);
    expect(brief.signal.reason).toMatchObject({ code: 'STATE_LEASE_LOST' });
    expect([slot.signal.aborted, await slot.isHeld?.(), phase.signal.aborted]).toEqual([false, true, false]);
    const refused = { code: 'STATE_LEASE_HELD', message: expect.stringContaining(os.hostname()) as string };
    await expect(other.acquire('slot', { signal: forever })).rejects.toMatchObject(refused);
    await store.finish(phase, () => ({ status: 'completed', timestamp: AT, input_hash: 'aa' }));
    expect(await other.journal('Node1', 'post_installation')).toHaveLength(1);
    expect((await other.load()).Node1?.post_installation).toMatchObject({ status: 'completed' });

    for (const lease of [theirs, slot]) await lease[Symbol.asyncDispose]();
    second.child.kill('SIGTERM');
    expect(await once(second.child, 'exit')).toEqual([130, null]);
  });

  it('says what is wrong with its file, and sees whether it could serve', async () => {
    const check = (file: string) =>
      runCli(['state-server', file, '--check'], { cwd: folder, env: environment });
    const fine = await check(
      await write('fine.yaml', { state: { postgres: { url: { env: 'STATE_URL' } } } }),
    );
    expect([fine.exitCode, fine.stdout]).toEqual([0, expect.stringContaining('can serve')]);
    for (const [wrong, said] of [
      [{ state: { postgres: { url: { env: 'STATE_URL' }, cluster: 'lab' } } }, 'state.postgres.cluster'],
      [{ state: { redis: {} } }, 'redis'],
      [{ listen: 'everywhere' }, 'listen'],
      [{ key: 'nowhere.key' }, 'nowhere.key'],
    ] as const) {
      const { exitCode, stderr } = await check(await write('wrong.yaml', wrong));
      expect([exitCode, stderr]).toEqual([3, expect.stringContaining(said)]);
    }
  });

  it('is of a package, which is named where it is not installed', async () => {
    const elsewhere = path.join(folder, 'elsewhere');
    await mkdir(elsewhere);
    const { exitCode, stderr } = await runCli(['state-server'], { cwd: elsewhere });
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('npm install @turingpi/state-http')]);
  });
});
