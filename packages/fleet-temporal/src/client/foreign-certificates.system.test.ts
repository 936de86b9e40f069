import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createServer, type Server } from 'node:tls';
import { promisify } from 'node:util';
import { CleanupStack, Secret } from '@turingpi/core/plugin';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireTemporal, TemporalServer } from '../../../../bench/fleet/temporal-server.js';
import { type CertificateFiles, makeAuthority } from '../../../../test/plugins/certificate-authority.js';
import { requireTools } from '../../../../test/support/site/require-tools.js';
import { connectWorkers } from '../worker/connect-workers.js';
import { connectClient } from './fleet-connection.js';
import type { FleetConnectionOptions, FleetTls } from './fleet-connection-options.js';

const run = promisify(execFile);
const skip = [requireTemporal(), requireTools('openssl', 'faketime')].some(({ missing }) => missing);
const key = new Secret(randomBytes(32).toString('base64'));

/** Certificates as they are configured: of the authority, and of one side. */
type Pem = Readonly<Record<'ca' | 'cert' | 'key', string>>;

describe.skipIf(skip)('a connection to Temporal with certificates', () => {
  const cleanup = new CleanupStack();
  let folder: string;
  let temporal: TemporalServer;
  let [ours, foreign]: { readonly server: Pem; readonly client: Pem; readonly expired: Pem }[] = [];
  const ports = new Map<string, number>();

  beforeAll(async () => {
    temporal = cleanup.use('temporal', await TemporalServer.start());
    folder = await mkdtemp(path.join(os.tmpdir(), 'turingpi-certificates-'));
    cleanup.defer('folder', () => rm(folder, { recursive: true, force: true }));
    [ours, foreign] = await Promise.all(
      ['ours', 'foreign'].map((name) => certificates(path.join(folder, name))),
    );
    for (const [name, pem] of Object.entries({
      right: ours!.server,
      expired: ours!.expired,
      foreign: foreign!.server,
    })) {
      const server = behindTls(pem, ours!.server.ca, Number(temporal.address.split(':')[1]));
      cleanup.defer(name, () => void server.close());
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      ports.set(name, (server.address() as AddressInfo).port);
    }
  }, 60_000);
  afterAll(() => cleanup[Symbol.asyncDispose]());

  const optionsOf = (
    server: string,
    own: Pem | undefined,
    more: Partial<FleetTls> = {},
  ): FleetConnectionOptions => ({
    ...{ address: `127.0.0.1:${ports.get(server)}`, fleet: 'labs', keys: [key] },
    tls: {
      authority: ours!.server.ca,
      ...(own === undefined ? {} : { certificate: own.cert, privateKey: new Secret(own.key) }),
      ...more,
    },
  });

  it('is made by who has one of the right authority', async () => {
    const options = optionsOf('right', ours!.client);
    const client = await connectClient(options);
    await client.workflowService.describeNamespace({ namespace: 'default' });
    await client.connection.close();
    await (await connectWorkers(options)).close();
  }, 60_000);

  it('is refused on either side with any other, and both for who asks and for who works', async () => {
    const wrong: readonly (readonly [string, FleetConnectionOptions])[] = [
      ['none of its own', optionsOf('right', undefined)],
      ['one of another authority', optionsOf('right', foreign!.client)],
      ['one that has expired', optionsOf('right', ours!.expired)],
      ['a server whose certificate has expired', optionsOf('expired', ours!.client)],
      ['a server of another authority', optionsOf('foreign', ours!.client)],
      ['a server of another name', optionsOf('right', ours!.client, { serverName: 'temporal.example' })],
      ['no certificates at all', { ...optionsOf('right', ours!.client), tls: undefined as never }],
    ];
    await Promise.all(
      wrong.map(async ([what, options]) => {
        for (const way of [connectClient, connectWorkers])
          await expect(way(options), what).rejects.toMatchObject({
            code: 'FLEET_ENGINE_UNREACHABLE',
            hint: expect.stringContaining('certificate') as string,
          });
      }),
    );
  }, 120_000);
});

/** An authority with what it vouches for; one of its certificates was good until some days ago. */
async function certificates(folder: string) {
  await mkdir(folder);
  const issue = await makeAuthority(folder);
  const [server, client] = [await issue('server'), await issue('client')];
  const sign = [
    'x509',
    '-req',
    '-in',
    'client.csr',
    '-CA',
    'ca.crt',
    '-CAkey',
    'ca.key',
    '-days',
    '2',
    '-extfile',
    'names',
  ];
  await run('faketime', ['-f', '-10d', 'openssl', ...sign, '-out', 'expired.crt'], { cwd: folder });
  return {
    server: await read(server),
    client: await read(client),
    expired: await read({ ...client, cert: path.join(folder, 'expired.crt') }),
  };
}

async function read({ ca, cert, key }: CertificateFiles): Promise<Pem> {
  const [first, second, third] = await Promise.all([ca, cert, key].map((file) => readFile(file, 'utf8')));
  return { ca: first!, cert: second!, key: third! };
}

/** What stands before a server that has no certificates itself, as one that has them would: it lets in who is vouched for. */
function behindTls({ cert, key }: Pem, clients: string, port: number): Server {
  const server = createServer({ cert, key, ca: clients, requestCert: true, ALPNProtocols: ['h2'] });
  server.on('tlsClientError', () => undefined);
  server.on('secureConnection', (near) => {
    const far = connect(port, '127.0.0.1');
    for (const one of [near, far]) one.on('error', () => undefined);
    near.pipe(far).pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  return server;
}
