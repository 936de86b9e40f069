import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { startVirtualBoard } from '@turingpi/virtual-board';
import { baseImagePath } from '@turingpi/virtual-node';
import { expect, it } from 'vitest';
import { requireTools } from '../../support/site/require-tools.js';
import { CLI } from '../../support/site/run-cli.js';

const { missing } = requireTools('script', 'stty');

it.skipIf(missing)(
  'init asks a person, shows the key as the board prints it, and writes nothing before the last answer',
  { timeout: 120_000 },
  async () => {
    const home = await mkdtemp(path.join(os.tmpdir(), 'turingpi-init-asks-'));
    await using board = await startVirtualBoard({
      nodes: [{ board: 'rk1' }],
      boot: 'none',
      dir: path.join(home, 'board'),
    });
    const folder = path.join(home, 'lab');
    await mkdir(folder);
    const { host, port } = board.https;
    const words = [
      ...['init', '--host', host, '--port', String(port), '--http-port', String(board.http?.port ?? 80)],
      ...[
        '--nodes',
        'rk1',
        '--image',
        `ubuntu/rk1=${baseImagePath('rk1-ubuntu.img.xz')}`,
        '--ssh-key',
        'new',
      ],
      ...['--first-ip', '192.168.1.101', '--gateway', '192.168.1.1', '--dns', '192.168.1.1'],
    ];
    const talk = (answers: readonly Answer[]) => answer(words, answers, folder, home);
    const login: readonly Answer[] = [
      ['Password of root on the board', 'turing\r'],
      ['Where is turingpi to find this password later?', '\r'],
    ];
    try {
      const stopped = await talk([
        ['Trust this key', 'y'],
        ['Password of root on the board', 'turning\r'],
        ['Where is turingpi to find this password later?', '\r'],
        ['refuses this login', ''], // and it is asked for again
        ['Password of root on the board', 'turing\r'],
        ['User on the nodes', '\x03'],
      ]);
      expect(stopped.exitCode, stopped.shown).toBe(130);
      const printed = board.certificateFingerprint
        .replace('sha256:', '')
        .toUpperCase()
        .replaceAll(/(..)(?=.)/g, '$1:');
      expect(stopped.shown).toContain(`sha256 Fingerprint=${printed}`);
      expect(stopped.shown).not.toContain('turing\r');
      expect(await readdir(folder)).toEqual([]);

      // The key was confirmed, and is not asked about again.
      const done = await talk([...login, ['User on the nodes', '\r']]);
      expect(done.exitCode, done.shown).toBe(0);
      expect((await readdir(folder)).sort()).toEqual(
        ['bmc-password', 'turingpi-key', 'turingpi-key.pub', 'turingpi.schema.json', 'turingpi.yaml'].sort(),
      );
      expect(await readFile(path.join(folder, 'bmc-password'), 'utf8')).toBe('turing\n');
      expect((await stat(path.join(folder, 'bmc-password'))).mode & 0o777).toBe(0o600);
      expect(await readFile(path.join(folder, 'turingpi.yaml'), 'utf8')).toContain(
        'password: { file: ./bmc-password }',
      );
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  },
);

/** What is waited for, and what is typed then. */
type Answer = readonly [question: string, typed: string];

/** Runs the command on a terminal of its own, and answers its questions in their order. */
async function answer(
  parameters: readonly string[],
  answers: readonly Answer[],
  cwd: string,
  home: string,
): Promise<{ readonly exitCode: number | null; readonly shown: string }> {
  const program = [process.execPath, CLI, ...parameters].map((word) => `"${word}"`).join(' ');
  // A terminal that nobody looks at has no size, and then every line is broken.
  const command = `stty cols 120 rows 40; exec ${program}`;
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TPI_')));
  const asking = spawn('script', ['-qec', command, '/dev/null'], {
    cwd,
    env: { ...clean, HOME: home, XDG_CACHE_HOME: path.join(home, 'cache') },
    stdio: ['pipe', 'pipe', 'inherit'],
    signal: AbortSignal.timeout(40_000),
    killSignal: 'SIGKILL',
  });
  const exit = once(asking, 'exit').catch(() => [null]) as Promise<[number | null]>;
  asking.on('error', () => undefined);
  let shown = '';
  let seen = 0;
  const left = [...answers];
  asking.stdout.on('data', (text: Buffer) => {
    shown += String(text);
    const [next] = left;
    const at = next === undefined ? -1 : shown.indexOf(next[0], seen);
    if (next === undefined || at === -1) return;
    seen = at + next[0].length;
    left.shift();
    asking.stdin.write(next[1]);
  });
  const [exitCode] = await exit;
  return { exitCode, shown };
}
