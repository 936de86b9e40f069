import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startVirtualBoard, type VirtualBoard, type VirtualBoardOptions } from '@turingpi/virtual-board';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BoardClient } from './board-client.js';
import { expectRecorded } from './expect-recorded.js';
import { type Exchange, readRecording } from './recording.js';
import { openConnection, requestBytes, type Sender, SENDERS } from './sender.js';
import { ReplyReader } from './reply-reader.js';

const SCALE = 100;
const SECOND_ADDRESS_MISSING = 'needs 127.0.0.2 as a second loopback address (Linux has it)';
const hasSecondAddress = process.platform === 'linux';
// In CI a missing tool fails its tests instead of skipping them.
const hasCurl = process.env['CI'] === 'true' || spawnSync('curl', ['--version']).status === 0;

/** A file of recorded exchanges and the board it was recorded with. */
interface Recording {
  readonly file: string;
  readonly board: VirtualBoardOptions;
  /** HTTP/2 is not for firmware that refuses it. */
  readonly http2?: false;
  /** With which the login before the first exchange is made; default that of the factory. */
  readonly password?: string;
  /** What happened between the recorded exchanges. */
  readonly before?: Readonly<Record<string, (board: VirtualBoard, client: BoardClient) => Promise<unknown>>>;
}

// What the recorded daemon said about the machine it ran on.
const IDENTITY = {
  systemVersion: '"v2.2.0"',
  boardModel: '',
  boardRevision: '',
  address: 'Unknown',
  mac: 'Unknown',
  addresses: [{ device: 'br0', ip: 'bmc.example', mac: '02:00:00:00:00:01' }],
  storage: [{ name: 'BMC', totalBytes: 270_553_174_016, freeBytes: 256_927_776_768 }],
  cooling: [],
};

const RECORDINGS: readonly Recording[] = [
  {
    file: 'auth',
    board: { accounts: { daemon: '*' } },
    before: {
      // A success between them is not in the recording, but without one the token with a space would be the first strike.
      'ban-wrong-password-1': (_, client) => client.login(),
      'ban-lapsed-wrong': async (board) => board.skipTime(60_000),
    },
  },
  {
    file: 'token-expiry',
    board: { tokenSeconds: 2 },
    before: {
      'sliding-1': async (board) => board.skipTime(1500),
      'sliding-2': async (board) => board.skipTime(1500),
      'expired-first': async (board) => board.skipTime(3500),
    },
  },
  {
    file: 'types-board-v2.5',
    board: { boardRevision: 'v2.5', identity: IDENTITY, simulateRestarts: false },
    before: {
      'uart-get': async (board) =>
        board.printConsole(1, Buffer.from('hello from node 1\r\n\x1b[0m\xff\xfe tail', 'latin1')),
    },
  },
  { file: 'types-board-v2.4', board: { boardRevision: 'v2.4' } },
  { file: 'flash-start-errors', board: {} },
  { file: 'fork-factory-password', board: { profile: 'hive-2.38' }, http2: false },
  {
    file: 'fork-bans',
    // Whole seconds are compared, so they pass slowly here.
    board: { profile: 'hive-2.38', password: 'correct horse battery', clock: { deadlineScale: 0.01 } },
    http2: false,
    password: 'correct horse battery',
  },
  {
    file: 'fork-flash-start-errors',
    board: { profile: 'hive-2.38', password: 'correct horse battery' },
    http2: false,
    password: 'correct horse battery',
    before: { 'firmware-staged-409': stageFirmware },
  },
];

/** What was staged when it was recorded. */
async function stageFirmware(board: VirtualBoard): Promise<void> {
  await mkdir(join(board.dir, 'firmware'), { recursive: true });
  await writeFile(join(board.dir, 'firmware', 'tp2-bmc-firmware-ota-v2.41.0.tpu'), '');
}

function endpointOf(board: VirtualBoard, exchange: Exchange): { host: string; port: number } {
  return exchange.scheme === 'http' ? board.http! : board.https;
}

function withToken(exchange: Exchange, token: string): Exchange {
  const headers = Object.entries(exchange.headers ?? {}).map(([name, value]) => [
    name,
    value.replace('<token>', token),
  ]);
  return { ...exchange, headers: Object.fromEntries(headers) as Record<string, string> };
}

for (const recording of RECORDINGS) {
  const exchanges = readRecording(recording.file).map((exchange) =>
    // Recorded without headers: these were sent with a token.
    recording.file === 'flash-start-errors'
      ? { ...exchange, headers: { Authorization: 'Bearer <token>' } }
      : exchange,
  );
  const options: VirtualBoardOptions = {
    ...recording.board,
    clock: { scale: SCALE, ...recording.board.clock },
  };

  describe.each(Object.entries(SENDERS).filter(([make]) => recording.http2 !== false || make !== 'HTTP/2'))(
    `${recording.file} by %s`,
    (make, send: Sender) => {
      let board: VirtualBoard;
      let client: BoardClient;
      beforeAll(async () => {
        board = await startVirtualBoard({ foreign: 'everyone', boot: 'none', ...options });
        client = new BoardClient(board.https);
        await client.login('root', recording.password);
      });
      afterAll(() => board[Symbol.asyncDispose]());

      test.for(exchanges)('$case', async (exchange, { task, skip }) => {
        task.meta.replayed = 1;
        if (make === 'curl') skip(!hasCurl, 'needs curl');
        if (exchange.case === 'other-address-not-banned') skip(!hasSecondAddress, SECOND_ADDRESS_MISSING);
        const name = exchange.case;
        await recording.before?.[name]?.(board, client);
        const started = performance.now();
        const reply = await send(withToken(exchange, client.token!), {
          ...endpointOf(board, exchange),
          ...(name === 'other-address-not-banned' && { localAddress: '127.0.0.2' }),
        });
        expectRecorded(exchange, reply, board.https.port);
        if (exchange.took_ms !== undefined && /type=(?:power|reset)/.test(exchange.target))
          expect(performance.now() - started).toBeGreaterThanOrEqual((exchange.took_ms * 0.9) / SCALE);
      });
    },
  );

  describe(`${recording.file} pipelined on one connection`, () => {
    // A pipeline ends where something else happens in between, or where the connection does.
    const runs: Exchange[][] = [[]];
    for (const exchange of exchanges) {
      const last = runs.at(-1)!;
      const elsewhere = exchange.scheme !== last[0]?.scheme || exchange.case === 'other-address-not-banned';
      const apart = recording.before?.[exchange.case] !== undefined || last.at(-1)?.reply.error !== undefined;
      const afterOther = last.at(-1)?.case === 'other-address-not-banned';
      if (last.length > 0 && (elsewhere || apart || afterOther)) runs.push([exchange]);
      else last.push(exchange);
    }
    let board: VirtualBoard;
    let client: BoardClient;
    beforeAll(async () => {
      board = await startVirtualBoard({ foreign: 'everyone', boot: 'none', ...options });
      client = new BoardClient(board.https);
      await client.login('root', recording.password);
    });
    afterAll(() => board[Symbol.asyncDispose]());

    test.for(runs.map((run) => ({ name: `${run[0]!.case} … ${run.at(-1)!.case}`, run })))(
      '$name',
      async ({ run }, { task, skip }) => {
        task.meta.replayed = run.length;
        if (run[0]!.case === 'other-address-not-banned') skip(!hasSecondAddress, SECOND_ADDRESS_MISSING);
        await recording.before?.[run[0]!.case]?.(board, client);
        const endpoint = endpointOf(board, run[0]!);
        const local = run[0]!.case === 'other-address-not-banned' ? { localAddress: '127.0.0.2' } : {};
        const socket = await openConnection(run[0]!, { ...endpoint, ...local });
        const reader = new ReplyReader(socket);
        const host = `${endpoint.host}:${endpoint.port}`;
        socket.write(
          Buffer.concat(run.map((exchange) => requestBytes(withToken(exchange, client.token!), host))),
        );
        for (const exchange of run)
          expectRecorded(exchange, await reader.next(exchange.method), board.https.port);
        socket.destroy();
      },
    );
  });
}
