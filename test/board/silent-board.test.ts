import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import { CleanupStack } from '@turingpi/foundation';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BoardFixture, startBoard } from './board-fixture.js';

const SHORT = { connectMs: 200, answerMs: 150, busyMs: 500 };
const TOKEN = JSON.stringify({ id: 'a'.repeat(64) });
const AUTHENTICATED = `HTTP/1.1 200 OK\r\ncontent-length: ${TOKEN.length}\r\n\r\n${TOKEN}`;

let fixture: BoardFixture; // for its key: what is silent here is the genuine board
const stack = new CleanupStack();
beforeAll(async () => {
  fixture = stack.use('board', await startBoard());
});
afterAll(() => stack[Symbol.asyncDispose]());

async function listening(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stack.defer('server', () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A board that proves who it is, lets everybody in, and answers every later request with these bytes alone. */
async function answering(bytes: string): Promise<number> {
  const file = (name: string) => readFile(path.join(fixture.dir, 'board', name));
  const [key, cert] = [await file('bmc-key.pem'), await file('bmc-certificate.pem')];
  return await listening(
    createTlsServer({ key, cert, maxVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'] }, (socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (request: Buffer) => {
        socket.write(request.includes('/authenticate') ? AUTHENTICATED : bytes);
      });
    }),
  );
}

function clientOf(port: number) {
  return fixture.client({
    endpoint: { host: '127.0.0.1', port, httpPort: port },
    cacheDir: path.join(fixture.dir, `cache-${port}`),
    transportTimings: SHORT,
  });
}

/** An address that answers no SYN: its queue is full, and whoever would empty it stands still. */
async function filteredPort(): Promise<number> {
  const program = `const s = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 },
    () => console.log(s.address().port));`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  stack.defer('filtered port', () => void child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(String(line));
  child.kill('SIGSTOP');
  const taken = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
  stack.defer('connections', () => taken.forEach((socket) => socket.destroy()));
  await once(taken[0]!, 'connect');
  return port;
}

test('no handshake: it cannot be reached, and an abort does not wait for that', async () => {
  const port = await listening(createTcpServer());
  await expect(clientOf(port).power.get()).rejects.toMatchObject({ code: 'BMC_UNREACHABLE' });
  await expect(clientOf(port).presentedIdentity()).rejects.toMatchObject({ code: 'BMC_UNREACHABLE' });
  const patient = fixture.client({
    endpoint: { host: '127.0.0.1', port, httpPort: port },
    cacheDir: path.join(fixture.dir, 'cache-patient'),
    transportTimings: { ...SHORT, connectMs: 60_000, busyMs: 60_000 },
  });
  const abort = new AbortController();
  const call = patient.power.get({ signal: abort.signal });
  setTimeout(() => abort.abort(new Error('stopped by the user')), 30);
  await expect(call).rejects.toThrow('stopped by the user');
});

test.runIf(process.platform === 'linux')('no answer to a SYN: it cannot be reached', async () => {
  const port = await filteredPort();
  await expect(clientOf(port).power.get()).rejects.toMatchObject({ code: 'BMC_UNREACHABLE' });
  await expect(clientOf(port).board.publicInfo({ timeoutMs: 200 })).rejects.toMatchObject({
    code: 'BMC_UNREACHABLE',
  });
});

test.each([
  ['no headers', ''],
  ['half of the headers', 'HTTP/1.1 200 OK\r\ncontent-le'],
])('%s: it is busy', async (_, bytes) => {
  await expect(clientOf(await answering(bytes)).power.get()).rejects.toMatchObject({ code: 'BMC_BUSY' });
});

test.each([
  ['a body of known length', 'HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{"response"'],
  ['chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"res\r\n'],
])('%s that stops: the connection is lost', async (_, bytes) => {
  const client = clientOf(await answering(bytes));
  await expect(client.power.reset(1)).rejects.toMatchObject({ code: 'BMC_CONNECTION_LOST' });
});

test('a backup that stops: the connection is lost', async () => {
  const other = `{"response":[{"result":[{"api":"1.1","buildroot":"x","build_version":"x","buildtime":"x","ip":"x","mac":"x","version":"2.3.7"}]}]}`;
  const file = (name: string) => readFile(path.join(fixture.dir, 'board', name));
  const [key, cert] = [await file('bmc-key.pem'), await file('bmc-certificate.pem')];
  const port = await listening(
    createTlsServer({ key, cert, maxVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'] }, (socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (request: Buffer) => {
        if (request.includes('/authenticate')) socket.write(AUTHENTICATED);
        else if (request.includes('/backup'))
          socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/gzip\r\ncontent-length: 99\r\n\r\n\x1f');
        else socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${other.length}\r\n\r\n${other}`);
      });
    }),
  );
  await expect(clientOf(port).board.backup(new PassThrough().resume())).rejects.toMatchObject({
    code: 'BMC_CONNECTION_LOST',
  });
});
