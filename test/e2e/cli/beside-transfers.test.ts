import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type BoardRevision, startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLI, type CliResult, jsonLines, runCli, startCli } from '../../support/site/run-cli.js';

const PASSWORD = 'correct horse battery';
let directory: string;
const boards = new Map<BoardRevision, VirtualBoard>();

beforeAll(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'turingpi-beside-'));
  for (const boardRevision of ['v2.4', 'v2.5'] as const) {
    const dir = path.join(directory, boardRevision);
    const made = {
      password: PASSWORD,
      clock: { scale: 100 },
      boot: 'none',
      simulateRestarts: false,
    } as const;
    boards.set(boardRevision, await startVirtualBoard({ ...made, boardRevision, dir }));
    expect((await turingpi(boardRevision, ['board', 'trust', '--yes'])).exitCode).toBe(0);
  }
});
afterAll(async () => {
  for (const board of boards.values()) await board[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

function environment(revision: BoardRevision): Record<string, string> {
  const { host, port } = boards.get(revision)!.https;
  return {
    XDG_CACHE_HOME: path.join(directory, 'cache'),
    TPI_HOSTNAME: host,
    TPI_PORT: String(port),
    TPI_PASSWORD: PASSWORD,
  };
}

function turingpi(revision: BoardRevision, parameters: readonly string[]): Promise<CliResult> {
  return runCli(parameters, { cwd: directory, env: environment(revision) });
}

const failureOf = ({ exitCode, stdout }: CliResult) => ({ exitCode, ...jsonLines(stdout).at(-1) });

describe("while another client's transfer runs", () => {
  it('what would touch it is refused and says --wait; with --wait it is done when the transfer has ended', async () => {
    const board = boards.get('v2.5')!;
    await board.startForeignTransfer(2);
    board.clearPinLog();
    const commands = [
      ['node', 'usb', 'device', '--node', '1'],
      ['node', 'power', 'off', '--node', '2', '--hard'],
      ['node', 'uart', '--node', '2', '--send', 'reboot'],
      ['board', 'reboot', '--yes'],
    ];
    const refused = await Promise.all(
      commands.map(async (command) => failureOf(await turingpi('v2.5', [...command, '--json']))),
    );
    for (const failure of refused)
      expect(failure).toMatchObject({
        exitCode: 1,
        code: 'BMC_FLASH_BUSY',
        hint: expect.stringContaining('--wait') as string,
      });
    const changes = board.pinChanges.filter(({ client }) => client === 'root');
    expect(changes).toEqual([]);

    const waiting = execa(
      process.execPath,
      [CLI, 'node', 'usb', 'device', '--node', '3', '--wait', '--json'],
      {
        ...{ cwd: directory, env: environment('v2.5'), reject: false },
      },
    );
    let said = '';
    waiting.stderr.on('data', (text: Buffer) => (said += String(text)));
    await expect.poll(() => said, { timeout: 30_000 }).toContain('waiting: a transfer to node 2 is running');
    expect(board.transferStatus).toContain('Transferring');
    board.cancelTransfer();
    const { exitCode, stdout } = await waiting;
    expect(exitCode).toBe(0);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ usb: { node: 3, mode: 'device' } });
  });
});

describe('turingpi board reboot', () => {
  it('names the nodes that lose their power on a board before 2.5, and does nothing unasked', async () => {
    for (const revision of ['v2.4', 'v2.5'] as const) {
      const board = boards.get(revision)!;
      await board.switchPower(1, true);
      await board.switchPower(3, true);
      const asked = failureOf(await turingpi(revision, ['board', 'reboot', '--json']));
      expect(asked).toMatchObject({ exitCode: 2, code: 'USAGE' });
      expect(asked).toMatchObject({
        message: expect.stringContaining(
          revision === 'v2.4' ? 'cuts the power of Node1, Node3' : 'Node1, Node3 are on and may lose power',
        ) as string,
      });
      expect(board.accessLog.filter(({ target }) => target.includes('type=reboot'))).toEqual([]);
      for (const node of [1, 3] as const) await board.switchPower(node, false);
    }
    const alone = failureOf(await turingpi('v2.4', ['board', 'reboot', '--json']));
    expect(alone).toMatchObject({ message: expect.stringContaining('All nodes are off') as string });
  });
});

it('a backup into a folder that is not there names the folder, and leaves nothing behind', async () => {
  const before = await readdir(directory);
  const failed = failureOf(await turingpi('v2.5', ['board', 'backup', 'absent/backup.tar.gz', '--json']));
  expect(failed).toMatchObject({
    exitCode: 2,
    code: 'USAGE',
    message: expect.stringContaining(path.join(directory, 'absent')) as string,
    hint: expect.stringContaining('Make the folder first') as string,
  });
  expect(await readdir(directory)).toEqual(before);
});

it('uart --follow says where output was lost', async () => {
  const board = boards.get('v2.5')!;
  board.printConsole(1, 'begin\r\n');
  const child = startCli(['node', 'uart', '-n', '1', '--follow', '--json'], {
    cwd: directory,
    env: environment('v2.5'),
  });
  const exit = once(child, 'exit');
  let shown = '';
  child.stdout!.on('data', (text: Buffer) => (shown += String(text)));
  await expect.poll(() => shown, { timeout: 30_000 }).toContain('begin');
  board.printConsole(1, Array.from({ length: 3000 }, (_, line) => `a burst, line ${line}\r\n`).join(''));
  await expect.poll(() => shown, { timeout: 30_000 }).toContain('line 2999');
  child.kill('SIGINT');
  await exit;
  const records = jsonLines(shown).map(({ uart }) => uart as { text?: string; lost?: boolean });
  expect(records.map(({ lost }) => lost === true)).toContain(true);
  expect(records.findIndex(({ lost }) => lost)).toBeLessThan(
    records.findIndex(({ text }) => text?.includes('line 2999')),
  );
});
