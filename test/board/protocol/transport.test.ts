import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { setTimeout as delay } from 'node:timers/promises';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BoardClient } from './board-client.js';
import { readRecording } from './recording.js';

interface TransportCase {
  readonly case: string;
  readonly after_s?: number;
  readonly closed_after_s?: number;
  readonly still_open_after_s?: number;
  readonly data?: string | number;
  readonly ms?: number;
  readonly ok?: boolean | string;
  readonly version?: string;
  readonly alpn?: string | null;
}

// Limits are shortened as far as a busy machine can still keep them; idling and websockets only take long.
const LIMITS_SCALE = 6;
const WAITING_SCALE = 15;
const RECORDED = new Map(readRecording<TransportCase>('transport').map((one) => [one.case, one]));
const POWER = 'GET /api/bmc?opt=get&type=power HTTP/1.1\r\nHost: board\r\n';

let board: VirtualBoard;
let waiting: VirtualBoard; // with shorter limits
beforeAll(async () => {
  board = await startVirtualBoard({
    foreign: 'everyone',
    boot: 'none',
    clock: { deadlineScale: LIMITS_SCALE },
  });
  waiting = await startVirtualBoard({
    foreign: 'everyone',
    boot: 'none',
    clock: { deadlineScale: WAITING_SCALE },
  });
});
afterAll(async () => {
  await board[Symbol.asyncDispose]();
  await waiting[Symbol.asyncDispose]();
});

const recorded = (name: string): TransportCase => RECORDED.get(name)!;
/** Real milliseconds of a recorded time. */
const scaled = (seconds: number, scale = LIMITS_SCALE): number => (seconds * 1000) / scale;

async function connect(options: ConnectionOptions = {}, to = board): Promise<TLSSocket> {
  const socket = connectTls({ ...to.https, rejectUnauthorized: false, ...options });
  await once(socket, 'secureConnect');
  return socket;
}

/** Everything that arrives until the connection ends or `ms` are over, with when the first byte did. */
async function receive(
  socket: TLSSocket,
  ms = 20_000,
): Promise<{ text: string; firstAfterMs: number; ended: boolean }> {
  const started = performance.now();
  let firstAfterMs = Infinity;
  let ended = false;
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => {
    firstAfterMs = Math.min(firstAfterMs, performance.now() - started);
    chunks.push(chunk);
  });
  await Promise.race([once(socket, 'end').then(() => (ended = true)), delay(ms)]);
  return { text: Buffer.concat(chunks).toString('latin1'), firstAfterMs, ended };
}

/** A limit came neither early nor, with room for a busy machine, much too late. */
function expectAround(ms: number, seconds: number, scale = LIMITS_SCALE): void {
  expect(ms).toBeGreaterThan(scaled(seconds, scale) * 0.9);
  expect(ms).toBeLessThan(scaled(seconds, scale) + 4000);
}

test('TLS 1.2 with HTTP/2 preferred, and no other version', async ({ task }) => {
  task.meta.replayed = 4;
  const weak = { ciphers: 'DEFAULT@SECLEVEL=0' };
  await expect(connect({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ...weak })).rejects.toThrow(
    /alert|protocol version/,
  );
  await expect(connect({ minVersion: 'TLSv1.3' })).rejects.toThrow(/protocol version/);
  const preferred = await connect({ ALPNProtocols: ['http/1.1', 'h2'] });
  expect({ version: preferred.getProtocol(), alpn: preferred.alpnProtocol }).toEqual({
    version: recorded('tls-1.2').version,
    alpn: recorded('tls-1.2').alpn,
  });
  preferred.destroy();
  const plain = await connect();
  expect({
    version: plain.getProtocol(),
    alpn: plain.alpnProtocol === false ? null : plain.alpnProtocol,
  }).toEqual({
    version: recorded('tls-no-alpn').version,
    alpn: recorded('tls-no-alpn').alpn,
  });
  plain.destroy();
});

test('an unfinished TLS handshake is closed', async ({ task }) => {
  task.meta.replayed = 1;
  const socket = connectTcp(board.https);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  const started = performance.now();
  await once(socket, 'close');
  expectAround(performance.now() - started, recorded('tls-handshake-idle').closed_after_s!);
  expect(socket.bytesRead).toBe(recorded('tls-handshake-idle').data);
});

test('a connection without a request is told 408', async ({ task }) => {
  task.meta.replayed = 1;
  const answer = await receive(await connect());
  expectAround(answer.firstAfterMs, recorded('idle-before-first-request').after_s!);
  expect(answer.text.split('\r\n')[0]).toBe(recorded('idle-before-first-request').data);
  expect(answer.text).toMatch(/^connection: close$/m);
  expect(answer.ended).toBe(true);
});

test('a head that comes too slowly is told 408', async ({ task }) => {
  task.meta.replayed = 1;
  const socket = await connect();
  const dripping = setInterval(() => socket.write('X'), 30);
  socket.on('error', () => undefined);
  socket.write('GET /api/bmc HTTP/1.1\r\nX-');
  const answer = await receive(socket);
  clearInterval(dripping);
  expectAround(answer.firstAfterMs, recorded('slow-head').after_s!);
  expect(answer.text.split('\r\n')[0]).toBe(recorded('slow-head').data);
});

test('after its first request a connection may idle and be used again', async ({ task }) => {
  task.meta.replayed = 2;
  const client = new BoardClient(waiting.https);
  await client.login();
  const socket = await connect({}, waiting);
  socket.write(`${POWER}Authorization: Bearer ${client.token!}\r\n\r\n`);
  const idle = await receive(
    socket,
    scaled(recorded('idle-after-request').still_open_after_s!, WAITING_SCALE),
  );
  expect(idle.text).toMatch(/^HTTP\/1\.1 200 OK/);
  expect(idle.ended).toBe(false);
  await client.login(); // the first token may have run out at this speed
  socket.write(`${POWER}Authorization: Bearer ${client.token!}\r\nConnection: close\r\n\r\n`);
  const again = await receive(socket);
  expect(again.text.split('\r\n')[0]).toBe(recorded('reuse-after-70s').ok);
  socket.destroy();
});

test('a serial websocket holds everything up, then answers all at once', async ({ task }) => {
  task.meta.replayed = 3;
  const client = new BoardClient(waiting.https);
  await client.login();
  const socket = await connect({}, waiting);
  const head = [
    'GET /api/bmc/serial/ws?node=0 HTTP/1.1',
    'Host: board',
    `Authorization: Bearer ${client.token!}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  const session = receive(socket);
  await delay(50);
  waiting.printConsole(1, 'booting');
  const started = performance.now();
  expect((await client.get('opt=get&type=power')).status).toBe(200);
  expectAround(performance.now() - started, recorded('get-during-websocket').ms! / 1000 - 2, WAITING_SCALE);
  const { text, firstAfterMs, ended } = await session;
  expectAround(firstAfterMs, recorded('websocket-first-bytes').after_s!, WAITING_SCALE);
  expect(text).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
  expect(text).toMatch(/sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/i); // the example of RFC 6455
  expect(text).toContain('\x82\x07booting');
  expect(text).toContain('client has not sent heartbeat in over 30s; disconnecting');
  expect(ended).toBe(true);
});

test('every recorded case of the transport has its test', () => {
  expect(RECORDED.size).toBe(12);
});
