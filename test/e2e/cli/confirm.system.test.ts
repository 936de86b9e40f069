import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { startVirtualBoard } from '@turingpi/virtual-board';
import { expect, it } from 'vitest';
import { requireTools } from '../../support/site/require-tools.js';
import { CLI, runCli } from '../../support/site/run-cli.js';

const { missing } = requireTools('script');

it.skipIf(missing)('a question ends with Ctrl-C, with the end of input, and with a no', async () => {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'turingpi-confirm-'));
  await using board = await startVirtualBoard({ dir: path.join(directory, 'board') });
  const { host, port } = board.https;
  const env = { XDG_CACHE_HOME: path.join(directory, 'cache'), TPI_PASSWORD: 'turing' };
  const named = ['--host', host, '--port', String(port)];
  try {
    expect((await runCli(['board', 'trust', '--yes', ...named], { cwd: directory, env })).exitCode).toBe(0);
    const ask = (typed: string) => answer(['board', 'reboot', ...named], typed, directory, env);
    expect(await ask('\x03')).toBe(130);
    expect(await ask('\x04')).toBe(1);
    expect(await ask('n\r')).toBe(1);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

/** Asks on a terminal of its own, and types this once the question is there. */
async function answer(
  parameters: readonly string[],
  typed: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<number | null> {
  const command = [process.execPath, CLI, ...parameters].map((word) => `"${word}"`).join(' ');
  const asking = spawn('script', ['-qec', command, '/dev/null'], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exit = once(asking, 'exit') as Promise<[number | null]>;
  let shown = '';
  asking.stdout.on('data', (text: Buffer) => {
    shown += String(text);
    if (!shown.includes('[y/N]')) return;
    asking.stdout.removeAllListeners('data').resume();
    asking.stdin.write(typed);
  });
  return (await exit)[0];
}
