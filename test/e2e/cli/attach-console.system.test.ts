import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { startVirtualBoard, type VirtualBoard, type VirtualBoardOptions } from '@turingpi/virtual-board';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { installedEmmcs } from '../../board/board-fixture.js';
import { requireTools } from '../../support/site/require-tools.js';
import { CLI, runCli } from '../../support/site/run-cli.js';

const { missing } = requireTools('script', 'stty');
const PASSWORD = 'correct horse battery';

/** A simulated node that answers each key with what it got, in brackets. */
const answering: VirtualBoardOptions['createMachine'] = ({ ssh, onConsole }) =>
  Promise.resolve({
    ssh,
    powerOn: () => Promise.resolve(),
    powerOff: () => Promise.resolve(),
    sendConsole: (data) => onConsole(`<${JSON.stringify(data)}>`),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });

let directory: string;
let env: Record<string, string>;
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'turingpi-attach-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** A terminal of its own in which the console of node 1 is attached, and its settings before and after. */
class AttachedTerminal {
  shown = '';
  readonly #ended: Promise<unknown>;
  readonly #script;

  constructor(board: VirtualBoard, ...more: string[]) {
    const { host, port } = board.https;
    const words = [
      'node',
      'uart',
      '--attach',
      '--node',
      '1',
      '--host',
      host,
      '--port',
      String(port),
      ...more,
    ];
    const command = [process.execPath, CLI, ...words].map((word) => `'${word}'`).join(' ');
    const lines = [
      'trap : INT', // not every shell outlives what it runs in the foreground
      'stty -a > before',
      `sh -c 'echo $$ > pid; exec "$@"' - ${command}`,
      'echo $? > code',
      'stty -a > after',
    ];
    this.#script = spawn('script', ['-qec', lines.join('\n'), '/dev/null'], {
      cwd: directory,
      env: { ...process.env, ...env, SHELL: '/bin/sh' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#script.stdout.on('data', (text: Buffer) => (this.shown += String(text)));
    this.#ended = once(this.#script, 'exit');
  }

  type(keys: string): void {
    this.#script.stdin.write(keys);
  }

  async sees(text: string): Promise<void> {
    await expect.poll(() => this.shown, { timeout: 20_000 }).toContain(text);
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    process.kill(Number(await readFile(path.join(directory, 'pid'), 'utf8')), signal);
  }

  /** @returns the exit code, once the settings of the terminal were seen to be as before */
  async end(): Promise<number> {
    await this.#ended;
    const read = (name: string) => readFile(path.join(directory, name), 'utf8');
    expect(await read('after')).toBe(await read('before'));
    return Number(await read('code'));
  }
}

async function trusted(options: VirtualBoardOptions): Promise<VirtualBoard> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'turingpi-attach-board-'));
  await installedEmmcs(dir, [1]);
  const board = await startVirtualBoard({ dir, httpPort: 'off', emmcSizeBytes: 64 << 20, ...options });
  await board.switchPower(1, true);
  env = { XDG_CACHE_HOME: path.join(dir, 'cache'), TPI_PASSWORD: options.password ?? 'turing' };
  const { host, port } = board.https;
  const named = ['--host', host, '--port', String(port)];
  expect((await runCli(['board', 'trust', '--yes', ...named], { env })).exitCode).toBe(0);
  return board;
}

describe.skipIf(missing)('a console that is attached', { timeout: 60_000 }, () => {
  let board: VirtualBoard;
  beforeAll(async () => {
    board = await trusted({ profile: 'hive-2.38', password: PASSWORD, createMachine: answering });
  }, 60_000);
  afterAll(() => board[Symbol.asyncDispose]());

  it('shows what was printed, passes every key on, Ctrl-C as well, and is left with Ctrl-]', async () => {
    board.printConsole(1, 'printed before\r\n');
    const terminal = new AttachedTerminal(board, '--log', 'console.log');
    await terminal.sees('printed before');
    await terminal.sees('Ctrl-] leaves');
    terminal.type('ls\r');
    await terminal.sees('<"ls\\r">');
    terminal.type('\u0003\u001b[A');
    await terminal.sees('<"\\u0003\\u001b[A">');
    board.printConsole(1, 'printed now\r\n');
    await terminal.sees('printed now');
    terminal.type('last\u001dnot this');
    expect(await terminal.end()).toBe(0);
    expect(terminal.shown).not.toContain('not this"');
    expect(await readFile(path.join(directory, 'console.log'), 'utf8')).toMatch(
      /printed before[^]*printed now/,
    );
  });

  it('puts the terminal back when it is stopped by a signal', async () => {
    const terminal = new AttachedTerminal(board);
    await terminal.sees('Ctrl-] leaves');
    await terminal.kill('SIGTERM');
    expect(await terminal.end()).toBe(130);
  });

  it('puts the terminal back when it fails', async () => {
    const terminal = new AttachedTerminal(board, '--log', '/dev/full');
    await terminal.sees('Ctrl-] leaves');
    board.printConsole(1, 'no room for this\r\n');
    expect(await terminal.end()).toBe(1);
    expect(terminal.shown).toContain('ENOSPC');
  });

  it('is left with Ctrl-] also while the daemon restarts', async () => {
    const terminal = new AttachedTerminal(board);
    await terminal.sees('Ctrl-] leaves');
    await board.restart();
    terminal.type('\u001d');
    expect(await terminal.end()).toBe(0);
  });

  it('needs a terminal, and is no other way to look at a console', async () => {
    for (const words of [['--attach'], ['--attach', '--json'], ['--attach', '--follow']]) {
      const { exitCode } = await runCli(['node', 'uart', '--node', '1', '--host', '127.0.0.1', ...words], {
        env,
      });
      expect({ words, exitCode }).toEqual({ words, exitCode: 2 });
    }
  });
});

it.skipIf(missing)(
  'firmware without a live console is said to have none; what is printed is shown, and Ctrl-C ends',
  { timeout: 60_000 },
  async () => {
    await using board = await trusted({ createMachine: answering });
    board.printConsole(1, 'printed before\r\n');
    const terminal = new AttachedTerminal(board);
    await terminal.sees('no live console');
    await terminal.sees('printed before');
    terminal.type('\u0003');
    expect(await terminal.end()).toBe(0);
    expect(terminal.shown).not.toContain('<"');
  },
);
