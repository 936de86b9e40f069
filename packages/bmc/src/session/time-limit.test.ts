import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Secret, silentLogger } from '@turingpi/foundation';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { HttpsBmcClient } from '../client/https-bmc-client.js';
import { timeLimit } from './time-limit.js';

it('ends a call to a board that stays silent with a code', async () => {
  const cacheDir = await mkdtemp(path.join(tmpdir(), 'turingpi-limit-'));
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const client = new HttpsBmcClient({
    endpoint: { host: '127.0.0.1', port: (silent.address() as AddressInfo).port, httpPort: 1 },
    credentials: { username: 'root', password: new Secret('x') },
    pins: {},
    cacheDir,
    lockDir: cacheDir,
    logger: silentLogger,
  });
  const asking = client.power.get({ signal: timeLimit(80) });
  await expect(asking).rejects.toMatchObject({ code: 'BMC_UNREACHABLE' });
  await client[Symbol.asyncDispose]();
  silent.close();
  await rm(cacheDir, { recursive: true, force: true });
});
