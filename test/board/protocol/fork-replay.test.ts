import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HttpsBmcClient } from '@turingpi/bmc';
import { Secret, silentLogger } from '@turingpi/foundation';
import {
  CertificateAuthority,
  startVirtualBoard,
  type VirtualBoard,
  type VirtualBoardOptions,
} from '@turingpi/virtual-board';
import { describe, expect, test } from 'vitest';
import { BoardClient, multipart, type RawReply } from './board-client.js';
import { type Exchange, readRecording } from './recording.js';

// What of the fork's recordings replay.test.ts does not send as it is: it needs a board in a certain state, or only the
// shape of a reply can be compared. What each recording proves is in transcripts/README.md.

const PASSWORD = 'correct horse battery';
const FORK = { profile: 'hive-2.38', password: PASSWORD, boot: 'none', clock: { scale: 500 } } as const;
const RK1 = { board: 'rk1' } as const;
const EMPTY = { board: undefined } as const;
const MB = 1 << 20;

async function startFork(options: VirtualBoardOptions = {}) {
  const board = await startVirtualBoard({ foreign: 'everyone', ...FORK, emmcSizeBytes: 64 * MB, ...options });
  const client = new BoardClient(board.https);
  await client.login('root', options.password ?? PASSWORD);
  return { board, client, [Symbol.asyncDispose]: () => board[Symbol.asyncDispose]() };
}

function expectReply({ reply: recorded }: Exchange, reply: RawReply): void {
  expect({
    status: reply.status,
    type: reply.headers['content-type'],
    body: comparable(reply.body),
  }).toEqual({
    status: recorded.status,
    type: recorded.headers?.['content-type'],
    body: comparable(recorded.body ?? ''),
  });
}

const comparable = (body: string): string =>
  body.replace(/"handle":\d+/, '"handle":<n>').replace(/"secs":\d+,"nanos":\d+/, '"secs":<n>,"nanos":<n>');

describe('fork-flash-outcomes: what the vendor answers with the front of the fork', () => {
  const recorded = readRecording('fork-flash-outcomes');
  const of = (scenario: string) =>
    new Map(
      recorded
        .filter(({ case: name }) => name.replace(/^(start|upload|status|msd)-/, '') === scenario)
        .map((exchange) => [exchange.case.split('-')[0], exchange]),
    );

  test.for([
    ['not-found-v24-text', { nodes: [RK1, EMPTY], boardRevision: 'v2.4' }, undefined],
    ['not-on-port', { nodes: [RK1, EMPTY] }, undefined],
    ['wrong-port', { nodes: [RK1, EMPTY] }, (board: VirtualBoard) => board.enterUsbBoot(1)],
    ['usb', { faults: { bringUp: 'usb-error' } }, undefined],
  ] as const)('%s', async ([scenario, options, prepare], { task }) => {
    await using fork = await startFork(options);
    await prepare?.(fork.board);
    const exchanges = of(scenario);
    expect(exchanges.size).toBeGreaterThanOrEqual(3);
    const { start, upload, status } = Object.fromEntries(exchanges) as Record<string, Exchange>;
    const started = await fork.client.request('GET', start!.target);
    expectReply(start!, started);
    const { handle } = JSON.parse(started.body) as { handle: number };
    await fork.client.finalStatus(); // it was over when the upload came
    const form = multipart(Buffer.alloc(MB, 0x5a));
    const refused = await fork.client.request('POST', `/api/bmc/upload/${handle}`, ...form);
    expectReply(upload!, refused);
    expectReply(status!, await fork.client.request('GET', status!.target));
    if (scenario === 'usb') {
      const msd = recorded.find(({ case: name }) => name === 'msd-not-on-port')!; // as the recorded board was then
      expectReply(msd, await fork.client.request('GET', msd.target));
      task.meta.replayed = 4;
    } else task.meta.replayed = 3;
  });

  test.for([
    ['good', MB],
    ['short', MB],
    ['cancel', undefined],
  ] as const)('%s', async ([scenario, length], { task }) => {
    await using fork = await startFork();
    const { start, upload, status } = Object.fromEntries(of(scenario)) as Record<string, Exchange>;
    const started = await fork.client.request('GET', start!.target);
    expectReply(start!, started);
    const { handle } = JSON.parse(started.body) as { handle: number };
    if (length === undefined) {
      const cancel = recorded.find(({ case: name }) => name === 'cancel')!;
      expectReply(cancel, await fork.client.request('GET', cancel.target));
    } else {
      const form = multipart(Buffer.alloc(length, 0x5a));
      expectReply(upload!, await fork.client.request('POST', `/api/bmc/upload/${handle}`, ...form));
    }
    await fork.client.finalStatus();
    expectReply(status!, await fork.client.request('GET', status!.target));
    task.meta.replayed = 3;
  });
});

describe('fork-read-from-source: put together from the source, never on a wire', () => {
  const recorded = new Map(readRecording('fork-read-from-source').map((one) => [one.case, one]));
  const login = JSON.stringify({ username: 'root', password: PASSWORD });
  const change = (current: string, wanted: string) =>
    JSON.stringify({ username: 'root', current_password: current, new_password: wanted });
  const JSON_BODY = { 'content-type': 'application/json' };

  /** What leads to the recorded reply, where the recording has none of it; body and headers go with the request. */
  const CASES: Readonly<
    Record<
      string,
      {
        readonly options?: VirtualBoardOptions;
        readonly prepare?: (board: VirtualBoard) => unknown;
        readonly body?: string;
        /** Without the time, which counts down. */
        readonly headers?: readonly string[];
      }
    >
  > = {
    gate: { options: { password: 'turing' } },
    banned: { prepare: (board) => board.ban(), headers: ['retry-after'] },
    'login-banned': { prepare: (board) => board.ban(), body: login, headers: ['retry-after'] },
    'password-changed': { options: { password: 'turing' }, body: change('turing', PASSWORD) },
    'password-too-short': { body: change(PASSWORD, 'elevenchars') },
    'password-wrong-current': { body: change('wrong', 'another long password') },
    'flash-start-no-node': {},
    'flash-start-no-length': {},
    'firmware-staged': { prepare: stageFirmware },
  };

  test.for(Object.entries(CASES))('%s', async ([name, how], { task }) => {
    const { options, prepare, body, headers = [] } = how;
    await using fork = await startFork({ clock: { scale: 500, deadlineScale: 0.01 }, ...options });
    await prepare?.(fork.board);
    const exchange = recorded.get(name)!;
    const reply = await fork.client.request(
      exchange.method,
      exchange.target,
      body,
      body === undefined ? {} : JSON_BODY,
    );
    if (headers.length > 0) {
      expect({ status: reply.status, body: reply.body }).toEqual({
        status: exchange.reply.status,
        body: exchange.reply.body,
      });
      for (const header of headers) expect(reply.headers[header]).toBe(exchange.reply.headers?.[header]);
      expect(reply.headers['www-authenticate']).toBeUndefined();
    } else expectReply(exchange, reply);
    task.meta.replayed = 1;
  });

  test('every other one is replayed elsewhere, or is of a path that nothing here asks for', () => {
    expect([...recorded.keys()].filter((name) => !(name in CASES))).toEqual([
      'status-not-on-port', // fork-flash-outcomes
      'status-wrong-port', // fork-flash-outcomes
      'path-power-set', // power, USB and flashes keep the older form
      'path-refusal',
      'port80', // fork-factory-password
    ]);
  });
});

async function stageFirmware({ dir }: VirtualBoard): Promise<void> {
  await mkdir(join(dir, 'firmware'), { recursive: true });
  await writeFile(join(dir, 'firmware', 'tp2-bmc-firmware-ota-v2.41.0.tpu'), '');
}

describe('fork-captured: bodies of real boards', () => {
  const captured = new Map(readRecording('fork-captured').map((one) => [one.case, one]));
  const bodyOf = (name: string) => captured.get(name)!.reply.body!;

  test('are understood by our client', async ({ task }) => {
    await using real = await serveBodies(captured);
    const client = real.client;
    expect(await client.capabilities()).toMatchObject({ profile: 'fork', bmcdVersion: '2.37.0' });
    expect(await client.board.about()).toMatchObject({
      ...{ boardModel: 'TuringPi2', boardRevision: 'v2.5.2', boardSerial: 'XZCT000000000' },
      ...{ kernel: '6.12.109', version: 'local' },
    });
    expect(await client.board.other()).toMatchObject({ ip: '203.0.113.20', mac: '00:00:5e:00:53:01' });
    expect((await client.board.info()).storage.map(({ name }) => name)).toEqual(['BMC', 'SD card']);
    expect(await client.usb.get()).toEqual({ node: 2, mode: 'device', route: 'port', bus: 'hub' });
    expect(await client.cooling.get()).toEqual([
      { device: 'system fan', speed: 4, maxSpeed: 6, held: false },
    ]);
    expect((await client.board.nodeNotes())[2]).toMatchObject({ powerOnSeconds: 785_147 });
    expect(await client.board.firmwareSlots()).toMatchObject({ running: 'local', rollback: 'v2.34.0' });
    expect(await client.access.get()).toEqual({ account: 'root', factoryPassword: false });
    expect(await client.identity()).toMatchObject({ id: 'serial:XZCT000000000', mac: '00:00:5e:00:53:01' });
    task.meta.replayed = 8;
  });

  test.for([
    'get-about',
    'get-other',
    'get-info',
    'get-usb',
    'get-cooling',
    'get-node_info',
    'get-firmware_slots',
    'get-access',
    'get-tls-certificate',
  ])('%s has the same keys and kinds of values on the virtual board', async (name, { task }) => {
    const sdCard = { totalBytes: 31_231_758_336, freeBytes: 24_024_563_712 };
    await using fork = await startFork({ identity: { sdCard } });
    await fork.client.get('opt=set&type=power&node1=1&node2=1&node3=1&node4=1'); // each has a time then
    const reply = await fork.client.request('GET', captured.get(name)!.target);
    expect(reply.status).toBe(200);
    expect(unlike(JSON.parse(bodyOf(name)), JSON.parse(reply.body))).toEqual([]);
    task.meta.replayed = 1;
  });

  test('some are of what neither our client asks for nor the virtual board has', () => {
    const others = ['get-update_check', 'get-network', 'get-network-switch', 'get-network-address'];
    expect([...captured.keys()]).toEqual(expect.arrayContaining(others));
    expect(captured.size).toBe(9 + others.length);
  });
});

/** Where two values differ in keys or in the kind of what they hold; null is of every kind. */
function unlike(real: unknown, virtual: unknown, at = '$'): string[] {
  if (real === null || virtual === null) return [];
  if (Array.isArray(real) && Array.isArray(virtual))
    return real.length === 0 || virtual.length === 0 ? [] : unlike(real[0], virtual[0], `${at}[0]`);
  if (typeof real !== 'object' || typeof virtual !== 'object')
    return typeof real === typeof virtual ? [] : [`${at}: ${typeof real}, ${typeof virtual}`];
  const [one, two] = [real as Record<string, unknown>, virtual as Record<string, unknown>];
  const keys = [...new Set([...Object.keys(one), ...Object.keys(two)])];
  return keys.flatMap((key) =>
    key in one && key in two
      ? unlike(one[key], two[key], `${at}.${key}`)
      : [`${at}.${key}: only on the ${key in one ? 'real' : 'virtual'} board`],
  );
}

/** A server that lets everybody log in and gives the recorded bodies, with a client of it. */
async function serveBodies(exchanges: ReadonlyMap<string, Exchange>) {
  const dir = await mkdtemp(join(tmpdir(), 'turingpi-captured-'));
  const { key, certificate, publicKeyPin } = await (await CertificateAuthority.create()).issue(['127.0.0.1']);
  const bodies = new Map([...exchanges.values()].map(({ target, reply }) => [target, reply.body]));
  const server = createServer({ key, cert: certificate }, (request, response) => {
    if (request.url === '/api/bmc/authenticate') response.end(JSON.stringify({ id: 'a'.repeat(64) }));
    else response.setHeader('content-type', 'application/json').end(bodies.get(request.url ?? ''));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = new HttpsBmcClient({
    endpoint: { host: '127.0.0.1', port, httpPort: port },
    credentials: { username: 'root', password: new Secret(PASSWORD) },
    pins: { publicKeyPin },
    cacheDir: dir,
    lockDir: dir,
    logger: silentLogger,
  });
  return {
    client,
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      server.closeAllConnections();
      server.close();
      await rm(dir, { recursive: true });
    },
  };
}
