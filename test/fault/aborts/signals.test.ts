import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { jsonLines, runCli, startCli } from '../../support/site/run-cli.js';
import { makeSite, type Site, usualWorkflow } from '../../support/site/site.js';

let site: Site;
let board: VirtualBoard;
beforeAll(async () => {
  site = await makeSite();
  board = await startVirtualBoard({ nodes: [{ board: 'rk1' }], boot: 'shell', clock: { scale: 20 } });
  const workflow = { ...usualWorkflow(site.publicKey, site.userPassword), postInstall: [] };
  await site.configure(board, { workflow });
});
afterAll(async () => {
  await board[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

/** Starts `up`, and sends it a signal so long after its upload began. */
async function stoppedAtUpload(signal: NodeJS.Signals, afterMs: number, closeOutput = false) {
  const run = startCli(['up', '--json', '--erase', 'all', '-c', site.configFile]);
  const exit = once(run, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const lines = createInterface({ input: run.stdout! });
  for await (const line of lines) if (line.includes('"upload"')) break;
  await sleep(afterMs);
  if (closeOutput) run.stdout!.destroy();
  else run.stdout!.resume();
  run.kill(signal);
  if (closeOutput) run.kill(signal); // as a closed terminal does
  return exit;
}

test.each([
  ['SIGINT', 0],
  ['SIGINT', 3],
  ['SIGINT', 30],
  ['SIGTERM', 10],
  ['SIGHUP', 10],
] as const)('%s %i ms into the upload: 130, truthful, cancelled', async (signal, afterMs) => {
  await expectStopped(await stoppedAtUpload(signal, afterMs));
});

test('a terminal that is closed: nobody reads, and it is said twice', async () => {
  await expectStopped(await stoppedAtUpload('SIGHUP', 5, true));
});

test('afterwards the next run finishes', async () => {
  const { exitCode, stdout } = await runCli(['up', '--json', '--erase', 'all', '-c', site.configFile]);
  expect(exitCode, stdout).toBe(0);
  expect(jsonLines(stdout).at(-1)).toMatchObject({ completed: true });
});

async function expectStopped([code, signal]: [number | null, NodeJS.Signals | null]): Promise<void> {
  expect({ code, signal }).toEqual({ code: 130, signal: null });
  const state = JSON.parse(await readFile(path.join(site.cacheDir, 'tpi_state.json'), 'utf8')) as {
    Node1: Record<string, { status: string }>;
  };
  expect(state.Node1['os_installation']!.status).toBe('failed');
  expect(board.transferStatus).not.toContain('Transferring');
  expect(board.nodes[0]!.powered).toBe(false);
}
