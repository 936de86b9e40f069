import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startVirtualBoard } from '@turingpi/virtual-board';
import { expect, it } from 'vitest';
import { requireTools } from '../../support/site/require-tools.js';
import { CLI } from '../../support/site/run-cli.js';
import { makeSite, usualWorkflow } from '../../support/site/site.js';

const { missing } = requireTools('script');

it.skipIf(missing)('a terminal that is gone stops a run cleanly', { timeout: 180_000 }, async () => {
  await using site = await makeSite();
  await using board = await startVirtualBoard({
    nodes: [{ board: 'rk1' }],
    boot: 'shell',
    clock: { scale: 5 },
  });
  const workflow = { ...usualWorkflow(site.publicKey, site.userPassword), postInstall: [] };
  await site.configure(board, { workflow });
  const command = `exec "${process.execPath}" "${CLI}" up --erase all -c "${site.configFile}"`;
  const terminal = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
  terminal.stdout.resume();
  while (!board.transferStatus.includes('Transferring')) await sleep(5);
  terminal.kill('SIGKILL'); // the terminal itself: what runs in it hears SIGHUP, and cannot write any more

  const state = async () =>
    JSON.parse(await readFile(path.join(site.cacheDir, 'tpi_state.json'), 'utf8')) as {
      Node1: Record<string, { status: string; error?: { code: string } }>;
    };
  let phase = (await state()).Node1['os_installation']!;
  for (; phase.status === 'running'; phase = (await state()).Node1['os_installation']!) await sleep(50);
  expect(phase).toMatchObject({ status: 'failed', error: { code: 'ABORTED' } });
  expect(board.transferStatus).not.toContain('Transferring');
  expect(board.nodes[0]!.powered).toBe(false);
});
