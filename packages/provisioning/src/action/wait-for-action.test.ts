import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { RuntimeError, type SshSession } from '@turingpi/runtime';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../../core/src/cluster/sample-cluster.fixture.js';
import { HostNode } from './host-node.fixture.js';
import { WaitForAction, type WaitForInput } from './wait-for-action.js';

const action = new WaitForAction();

/** Waits, with something that happens when it was seen once that it is not ready. */
function wait(input: WaitForInput, meanwhile: () => unknown = () => undefined, session?: SshSession) {
  const environment = new HostNode().environment('/', {
    progress: () => void meanwhile(),
    ...(session && { session: () => Promise.resolve(session) }),
  });
  return action.perform({ everyMs: 5, timeoutMs: 20_000, ...input }, environment);
}

describe.skipIf(process.platform === 'win32')('waiting', () => {
  it('for a port ends when something answers there', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    await expect(
      wait({ port, host: '127.0.0.1' }, () => server.listening || server.listen(port, '127.0.0.1')),
    ).resolves.toBe(true);
    server.close();
  });

  it('for an address ends when it answers without an error', async () => {
    let status = 503;
    const server = createHttpServer((_request, response) => response.writeHead(status).end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await expect(wait({ url: `http://127.0.0.1:${port}/health` }, () => (status = 204))).resolves.toBe(true);
    server.close();
  });

  it('for a file ends when it is there', async () => {
    const file = path.join(await temporaryDirectory(), 'ready');
    await expect(wait({ file }, () => writeFile(file, ''))).resolves.toBe(true);
  });

  it('for a command ends when it succeeds', async () => {
    const file = path.join(await temporaryDirectory(), 'busy');
    await writeFile(file, '');
    await expect(wait({ run: ['test', '!', '-e', file] }, () => rm(file, { force: true }))).resolves.toBe(
      true,
    );
  });

  it('goes on while the node cannot be reached, and ends with any other failure', async () => {
    const failing = (codes: (RuntimeError | undefined)[]) =>
      ({
        exec: () => {
          const error = codes.shift();
          return error ? Promise.reject(error) : Promise.resolve({ exitCode: 0 });
        },
      }) as unknown as SshSession;
    const lost = new RuntimeError('SSH_CONNECTION_LOST', 'lost');
    await expect(wait({ run: 'true' }, undefined, failing([lost, lost]))).resolves.toBe(true);
    const refused = new RuntimeError('SSH_SUDO_REFUSED', 'no');
    await expect(wait({ run: 'true' }, undefined, failing([refused]))).rejects.toBe(refused);
  });

  it('has an end, with what was seen last', async () => {
    await expect(wait({ run: 'exit 3', timeoutMs: 1 })).rejects.toMatchObject({
      code: 'WAIT_TIMEOUT',
      message: expect.stringContaining('it ends with 3') as string,
    });
  });

  it('stops with the reason of the signal', async () => {
    const stop = new AbortController();
    const reason = new Error('stopped');
    const environment = new HostNode().environment('/', {
      signal: stop.signal,
      progress: () => stop.abort(reason),
    });
    await expect(action.perform({ run: 'false', everyMs: 60_000 }, environment)).rejects.toBe(reason);
  });
});

it('how long is waited is no part of what is waited for', () => {
  expect(action.inputs({ port: 80, timeoutMs: 5, everyMs: 6 })).toEqual({ port: 80 });
});
