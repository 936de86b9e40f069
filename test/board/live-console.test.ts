import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { Secret } from '@turingpi/foundation';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { BoardClient } from './protocol/board-client.js';
import { installedEmmcs, PromptMachine, startBoard } from './board-fixture.js';

const PASSWORD = 'correct horse battery';
const FORK = { profile: 'hive-2.38', password: PASSWORD } as const;
const OWN = { credentials: { username: 'root', password: new Secret(PASSWORD) } };
const asksConsole = (log: readonly { readonly target: string }[], what: string) =>
  log.filter(({ target }) => target.includes(what)).length;

/** Follows until the text holds what is looked for. */
async function followUntil(
  console: (signal: AbortSignal) => AsyncIterable<string>,
  sought: string,
  onPiece: (text: string) => unknown = () => undefined,
): Promise<string> {
  const stop = new AbortController();
  let text = '';
  for await (const piece of console(stop.signal)) {
    text += piece;
    await onPiece(text);
    if (text.includes(sought)) stop.abort();
  }
  return text;
}

describe('a live console', () => {
  test('is followed: what the buffer holds, then what arrives, with one look at the buffer', async () => {
    await using fixture = await startBoard(FORK);
    const { board } = fixture;
    const client = fixture.client(OWN);
    board.printConsole(2, 'printed long ago\r\n');
    let line = 0;
    const text = await followUntil(
      (signal) => client.followConsole(2, { signal, fromStart: true }),
      'line 40',
      () => {
        board.printConsole(3, 'another node\r\n');
        board.printConsole(2, `line ${++line} \u20ac\r\n`);
      },
    );
    const lines = Array.from({ length: 40 }, (_, i) => `line ${i + 1} \u20ac\r\n`).join('');
    expect(text).toBe(`printed long ago\r\n${lines}`);
    expect(asksConsole(board.accessLog, 'type=uart')).toBe(1);
    expect(asksConsole(board.accessLog, 'serial/ws?node=1')).toBe(1);
  });

  test('loses nothing of a burst that is longer than the buffer', async () => {
    await using fixture = await startBoard(FORK);
    const burst = Array.from({ length: 5000 }, (_, i) => `a burst, line ${i}\r\n`).join('');
    let printed = false;
    let lost = 0;
    const client = fixture.client(OWN);
    fixture.board.printConsole(1, 'begin\r\n');
    const text = await followUntil(
      (signal) => client.followConsole(1, { signal, fromStart: true, onLost: () => (lost += 1) }),
      'line 4999',
      () => {
        if (!printed) fixture.board.printConsole(1, burst);
        printed = true;
      },
    );
    expect(text).toBe(`begin\r\n${burst}`);
    expect(lost).toBe(0);
  });

  test('is opened again after a restart of the daemon, and goes on', async () => {
    await using fixture = await startBoard(FORK);
    const client = fixture.client(OWN);
    fixture.board.printConsole(1, 'before\r\n');
    let restarted = false;
    const text = await followUntil(
      (signal) => client.followConsole(1, { signal, fromStart: true }),
      'after',
      async () => {
        if (restarted) return;
        restarted = true;
        await fixture.board.restart();
        fixture.board.printConsole(1, 'after\r\n');
      },
    );
    expect(text).toBe('before\r\nafter\r\n');
  });

  test('types what is written as it is, and others are answered meanwhile', async () => {
    await using fixture = await startBoard({
      ...FORK,
      prepareDir: (dir) => installedEmmcs(dir, [1]),
      createMachine: (options) => Promise.resolve(new PromptMachine(options)),
    });
    const client = fixture.client(OWN);
    await client.power.on(1);
    const stop = new AbortController();
    const terminal = await client.console.open(1, { signal: stop.signal });
    await expect.poll(() => client.console.read(1)).toContain('login: ');
    terminal.write('\u0003');
    let answer = '';
    for await (const bytes of terminal as AsyncIterable<Buffer>) {
      answer += bytes.toString();
      if (answer.includes('login: ')) break;
    }
    expect(answer).toContain('node login: ');
  });

  test('ends with its signal', async () => {
    await using fixture = await startBoard(FORK);
    const stop = new AbortController();
    const terminal = await fixture.client(OWN).console.open(1, { signal: stop.signal });
    stop.abort();
    await once(terminal.resume(), 'end');
  });

  test('ends when the BMC says nothing any more, and not while it is only its node that is silent', async () => {
    await using fixture = await startBoard(FORK);
    let deaf = false;
    const { port } = fixture.board.https;
    await using between = createServer((near) => {
      const far = connect(port, '127.0.0.1');
      for (const one of [near, far]) one.on('error', () => undefined);
      near.on('data', (bytes) => deaf || far.write(bytes)).on('close', () => far.destroy());
      far.on('data', (bytes) => deaf || near.write(bytes)).on('close', () => near.destroy());
    });
    await once(between.listen(0, '127.0.0.1'), 'listening');
    const client = fixture.client({
      ...OWN,
      endpoint: { host: '127.0.0.1', port: (between.address() as AddressInfo).port, httpPort: 1 },
    });
    const { signal } = new AbortController();
    const terminal = await client.console.open(1, { signal, silenceMs: 300 });
    let ended = false;
    const end = once(
      terminal.on('data', () => undefined),
      'end',
    ).then(() => (ended = true));
    for (let look = 0; look < 3; look++) await client.board.about({ signal });
    fixture.board.printConsole(1, 'still there\r\n');
    await once(terminal, 'data');
    expect(ended).toBe(false);
    deaf = true;
    await end;
    await client[Symbol.asyncDispose]();
  });

  test('that keeps the board from answering others is closed again, and the buffer is looked at instead', async () => {
    await using fixture = await startBoard(FORK);
    const { board } = fixture;
    const client = fixture.client(OWN);
    const open = client.console.open.bind(client.console);
    client.console.open = async (...args) => {
      const terminal = await open(...args);
      const release = await board.holdLock(); // as the vendor's daemon does while one is open
      const destroy = terminal.destroy.bind(terminal);
      return Object.assign(terminal, { destroy: () => (release(), destroy()) });
    };
    board.printConsole(1, 'here\r\n');
    await followUntil((signal) => client.followConsole(1, { signal, fromStart: true }), 'here');
    expect(asksConsole(board.accessLog, 'serial/ws')).toBe(1);
    expect(asksConsole(board.accessLog, 'type=uart')).toBeGreaterThan(1);
  });

  test('logs in again when the session has ended', async () => {
    await using fixture = await startBoard(FORK);
    const client = fixture.client(OWN);
    await client.login();
    await fixture.board.restart();
    const terminal = await client.console.open(1, { signal: new AbortController().signal });
    terminal.destroy();
  });

  test('is none with the password of the factory, which is said', async () => {
    await using fixture = await startBoard({ profile: 'hive-2.38' });
    await expect(
      fixture.client().console.open(1, { signal: new AbortController().signal }),
    ).rejects.toMatchObject({ code: 'BMC_FACTORY_PASSWORD' });
  });

  test('is not asked of firmware of the vendor, which would block for 30 s', async () => {
    await using fixture = await startBoard();
    const client = fixture.client();
    fixture.board.printConsole(1, 'here\r\n');
    await followUntil((signal) => client.followConsole(1, { signal, fromStart: true }), 'here');
    expect(asksConsole(fixture.board.accessLog, 'serial/ws')).toBe(0);
  });

  test('opens for a page as well, whose token is a subprotocol that is never echoed', async () => {
    await using fixture = await startBoard(FORK);
    const { host, port } = fixture.board.https;
    const client = new BoardClient(fixture.board.https);
    await client.login('root', PASSWORD);
    const open = (protocols: string[]) =>
      new WebSocket(`wss://${host}:${port}/api/bmc/serial/ws?node=0`, protocols, {
        rejectUnauthorized: false,
      });
    const page = open(['bmcd.serial.v1', `bmcd.bearer.${client.token}`]);
    await once(page, 'open');
    expect(page.protocol).toBe('bmcd.serial.v1');
    page.terminate();
    const stranger = open(['bmcd.serial.v1']);
    await expect(once(stranger, 'open')).rejects.toThrow('401');
  });
});
