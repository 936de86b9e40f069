import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { createLogger, FileStateStore } from '@turingpi/core';
import { CleanupStack, type LeaseTimings, silentLogger } from '@turingpi/core/plugin';
import { httpSettings, openHttpState, StateServer } from '@turingpi/state-http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Relay } from '../support/site/relay.js';
import { requireTools } from '../support/site/require-tools.js';
import { type CertificateFiles, makeAuthority } from './certificate-authority.js';

const run = promisify(execFile);
const SECRET = 'AGE-SECRET-KEY-OF-NODE-1';
const ID = '7b4d3f70-19b9-4d67-b3c4-1f1d8c1d9a01';
const RECORD = { status: 'running', timestamp: '2026-01-02T03:04:05.678Z' };
const CLAIM = { node: 'Node1', phase: 'post_installation', hash: 'aa', record: RECORD };
const HOLDER = { pid: 1, host: 'here' };

describe.skipIf(requireTools('openssl', 'faketime').missing)('a state server among hostile clients', () => {
  const cleanup = new CleanupStack();
  let folder: string;
  let client: CertificateFiles;
  let pem: Readonly<Record<'ca' | 'cert' | 'key', string>>;
  let server: StateServer;
  const log: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'turingpi-hostile-'));
    cleanup.defer('folder', () => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    const issue = await makeAuthority(folder);
    const own = await issue('server');
    client = await issue('client');
    const sign = ['x509', '-req', '-in', 'client.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-days', '2'];
    await run('faketime', ['-f', '-10d', 'openssl', ...sign, '-out', 'expired.crt'], { cwd: folder });
    const [ca, cert, key] = await Promise.all(
      [own.ca, own.cert, own.key].map((file) => readFile(file, 'utf8')),
    );
    pem = { ca: ca!, cert: cert!, key: key! };
    const logger = createLogger({ level: 'debug', destination: { write: (line) => void log.push(line) } });
    const open = (cluster: string) =>
      Promise.resolve(new FileStateStore(path.join(folder, `state-${cluster}.json`)));
    server = cleanup.use('server', await StateServer.listen({ ...pem, open, host: '127.0.0.1', logger }));
  });
  afterAll(async () => {
    await cleanup[Symbol.asyncDispose]();
  });

  const connect = (port: number, as: CertificateFiles = client, timings?: LeaseTimings) =>
    openHttpState({
      ...{ stateFile: '/state.json', baseDir: '/', logger: silentLogger, ...(timings && { timings }) },
      settings: httpSettings.parse({ url: `https://127.0.0.1:${port}`, ...as, cluster: 'lab' }),
    });
  const ask = async (method: string, where: string, body: string | object = '') => {
    const [cert, key] = await Promise.all([readFile(client.cert), readFile(client.key)]);
    const asked = request({
      ...{ host: '127.0.0.1', port: server.port, ca: pem.ca, cert, key, method },
      path: `/v1/clusters/${where}`,
    });
    asked.end(typeof body === 'string' ? body : JSON.stringify(body));
    const [response] = (await once(asked, 'response')) as [
      Parameters<typeof text>[0] & { statusCode: number },
    ];
    return { status: response.statusCode, body: await text(response) };
  };

  it('lets nobody in with a certificate that has expired', async () => {
    const expired = { ...client, cert: path.join(folder, 'expired.crt') };
    await expect(connect(server.port, expired)).rejects.toMatchObject({ code: 'STATE_UNREACHABLE' });
  });

  const holding = `lab/leases/${ID}`;
  it.each<[string, string, string, (string | object)?]>([
    ['no JSON', 'PUT', 'lab/secrets', `{ "text": "${SECRET}" `],
    ['another body', 'PUT', 'lab/secrets', { text: 5, also: SECRET }],
    ['a method that is none', 'PATCH', 'lab/state'],
    ['a place that is none', 'GET', 'lab/phases/Node9/post_installation/journal'],
    ['a broken path', 'GET', 'lab/logs/%E0%A4%A'],
    ['a cluster that is a path', 'GET', '..%2Fescaped/state'],
    ['a cluster that hides', 'GET', '.hidden/state'],
    [
      'a lease without a name of its own',
      'PUT',
      'lab/leases/mine',
      { holder: HOLDER, ttlMs: 1000, resource: 'slot' },
    ],
    ['a lease for ever', 'PUT', holding, { holder: HOLDER, ttlMs: 1e12, resource: 'slot' }],
    ['a lease of nothing', 'POST', `${holding}/sign`],
    ['a line that is two', 'POST', 'lab/logs/ledger', { id: ID, lines: ['one\n{"erased":"all"}'] }],
    ['lines from nowhere', 'GET', 'lab/logs/ledger?from=-1'],
    [
      'a record that is none',
      'PUT',
      'lab/nodes/Node1',
      { after: { post_installation: { status: 'owned' } } },
    ],
    ['a board that is none', 'PUT', 'lab/board', { board: { serial: 5 }, unlessBound: false }],
    [
      'a claim of a record that is none',
      'PUT',
      holding,
      { holder: HOLDER, ttlMs: 1000, claim: { ...CLAIM, record: { status: 5 } } },
    ],
  ])('refuses %s, quotes nothing of it, and goes on', async (_what, method, where, body) => {
    const refused = await ask(method, where, body);
    expect(refused.status).toBe(409);
    expect(JSON.parse(refused.body)).toMatchObject({ code: expect.stringMatching(/^STATE_/) as string });
    expect(refused.body).not.toContain(SECRET);
    expect(log.join()).not.toContain(SECRET);
    expect((await ask('GET', 'lab/state')).status).toBe(200);
    expect(JSON.parse((await ask('GET', 'lab/state')).body)).toMatchObject({ state: {} });
    expect((await readdir(folder)).filter((name) => /escaped|hidden|ledger/.test(name))).toEqual([]);
  });

  it('lets nobody sign, end or give back what another one holds', async () => {
    await using owner = await connect(server.port);
    const { signal } = new AbortController();
    const record = () => ({ ...RECORD, status: 'running' as const });
    const claim = { record, seen: undefined, keepJournal: 0, signal };
    const phase = await owner.claim('Node2', 'post_installation', 'aa', claim);
    const { body } = await ask('GET', 'lab/state');
    const query = 'node=Node2&phase=post_installation';
    const known = /"instance":"([^"]+)"/.exec(body)?.[1] ?? '';
    expect(known).not.toBe('');
    for (const id of [ID, known]) {
      const lease = `lab/leases/${id}`;
      expect((await ask('POST', `${lease}/sign?${query}`)).status).toBe(409);
      await ask('DELETE', `${lease}?${query}`);
      const last = { record: { ...RECORD, status: 'completed' }, fence: phase.fence };
      expect((await ask('POST', `${lease}/record?${query}`, last)).status).toBe(409);
    }
    expect([phase.signal.aborted, await phase.isHeld?.()]).toEqual([false, true]);
    await phase[Symbol.asyncDispose]();
  });

  it('keeps a lease whose signs of life it answers late, each after more than the time between two', async () => {
    await using relay = await Relay.start(0, { host: '127.0.0.1', port: server.port });
    const timings = { beatMs: 250, staleMs: 9000, lookMs: 100 };
    await using store = await connect(relay.port, client, timings);
    await using lease = await store.acquire('slot', { signal: new AbortController().signal });
    relay.delayMs = 1300;
    // Without any that counts it goes on for 0.6 of its nine seconds.
    const over = performance.now() + 6500;
    await expect.poll(() => lease.signal.aborted || performance.now() > over, { timeout: 20_000 }).toBe(true);
    expect(lease.signal.aborted).toBe(false);
  });

  it('is told from a server of another kind', async () => {
    const other = createServer({ cert: pem.cert, key: pem.key }, (_request, response) =>
      response.end('<html>Welcome!</html>'),
    ).listen(0, '127.0.0.1');
    cleanup.defer('other server', () => {
      other.closeAllConnections();
      other.close();
    });
    await once(other, 'listening');
    await expect(connect((other.address() as AddressInfo).port)).rejects.toMatchObject({
      ...{ code: 'STATE_UNREACHABLE', message: expect.stringContaining('something else') as string },
    });
  });
});
