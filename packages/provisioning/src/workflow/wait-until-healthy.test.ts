import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import type { Context } from '@turingpi/core/plugin';
import { afterEach, describe, expect, it } from 'vitest';
import { SAMPLE_NODE } from '../../../../test/support/site/sample-node.js';
import { waitUntilHealthy } from './wait-until-healthy.js';

const servers: net.Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

async function listen(port = 0): Promise<number> {
  const server = net.createServer((socket) => socket.end()).listen(port, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const contextOf = (signal = new AbortController().signal) => ({ node: SAMPLE_NODE, signal }) as Context;

describe('waitUntilHealthy', () => {
  it('ends when something answers at the port', async () => {
    const port = await listen();
    expect(await waitUntilHealthy(contextOf(), { port })).toBe('healthy');
  });

  it('looks again until it does', async () => {
    const port = await listen();
    const [server] = servers.splice(0);
    server!.close();
    await once(server!, 'close');
    const waiting = waitUntilHealthy(contextOf(), { port }, 5);
    await listen(port);
    expect(await waiting).toBe('healthy');
  });

  it('ends when the time is over, and says why', async () => {
    const port = await listen();
    const [server] = servers.splice(0);
    server!.close();
    await once(server!, 'close');
    await expect(waitUntilHealthy(contextOf(), { port, timeoutMs: 20 }, 5)).rejects.toMatchObject({
      code: 'NODE_UNHEALTHY',
      message: expect.stringContaining(`port ${port}`) as string,
    });
  });

  it('ends with the signal', async () => {
    const abort = new AbortController();
    const waiting = waitUntilHealthy(contextOf(abort.signal), { port: 1 }, 60_000);
    setImmediate(() => abort.abort(new Error('enough')));
    await expect(waiting).rejects.toThrow('enough');
  });
});
