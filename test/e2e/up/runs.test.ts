import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { startVirtualBoard } from '@turingpi/virtual-board';
import { expect, it } from 'vitest';
import { jsonLines, runCli, startCli } from '../../support/site/run-cli.js';
import { makeSite, type Site } from '../../support/site/site.js';

const SLOW = { timeout: 240_000 };
const UP = ['up', '--json', '--erase', 'all'];

const serveBoard = (site: Site, ...boards: readonly ('rk1' | 'cm4')[]) =>
  startVirtualBoard({
    dir: path.join(site.directory, 'board'),
    nodes: boards.map((board) => ({ board })),
    clock: { scale: 20 },
    httpPort: 'off',
  });

type Line = Readonly<Record<string, unknown>>;

/** Reads what a run prints until a line of it is the one that is waited for. */
async function until(run: ChildProcess, isIt: (line: Line) => boolean): Promise<Line> {
  const lines = createInterface({ input: run.stdout! });
  for await (const text of lines) {
    const line = JSON.parse(text) as Line;
    if (!isIt(line)) continue;
    run.stdout!.resume();
    return line;
  }
  throw new Error('it ended before');
}
const isInstalling = ({ event, phase }: Line) => event === 'phase:started' && phase === 'os_installation';

async function runs(site: Site, ...words: readonly string[]) {
  const { exitCode, stdout } = await runCli(['run', ...words, '-c', site.configFile]);
  expect(exitCode, stdout).toBe(0);
  return stdout;
}
const listed = async (site: Site) =>
  (JSON.parse(await runs(site, 'list', '--json')) as { runs: (Line & { file: string; id: string })[] }).runs;

it(
  'a run that is killed has died; the next one says so and goes on; neither file has a secret',
  SLOW,
  async () => {
    await using site = await makeSite();
    await using board = await serveBoard(site, 'rk1');
    await site.configure(board);
    const killed = startCli([...UP, '-c', site.configFile]);
    await until(killed, isInstalling);
    expect(await listed(site)).toMatchObject([{ outcome: 'running', command: 'up', pid: killed.pid }]);
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    expect(await listed(site)).toMatchObject([{ outcome: 'died' }]);
    expect(await runs(site, 'show')).toMatch(/died: its process is gone/);

    const { exitCode, stdout } = await runCli([...UP, '-c', site.configFile]);
    expect(exitCode, stdout).toBe(0);
    const lines = jsonLines(stdout);
    expect(lines.find(isInstalling)).toMatchObject({
      reason: 'previous run crashed',
      note: expect.stringMatching(
        new RegExp(`^process ${killed.pid} on .* \\(turingpi up, since `),
      ) as string,
    });
    const [second, first] = await listed(site);
    expect(second).toMatchObject({ outcome: 'completed', id: lines.at(-1)?.['runId'] });
    expect(await runs(site, 'logs', '--phase', 'post')).toMatch(
      /action 1 remote\.writeFile[^]*action 1 completed/,
    );
    const key = (await readFile(site.privateKeyFile, 'utf8')).split('\n')[1]!;
    for (const { file } of [first!, second!]) {
      const text = await readFile(file, 'utf8');
      const seqs = text
        .split('\n')
        .flatMap((line) => (line === '' ? [] : [(JSON.parse(line) as Line)['seq']]));
      expect(seqs).toEqual(seqs.map((_, index) => index));
      for (const secret of [site.userPassword, key, '"turing"', '$6$']) expect(text).not.toContain(secret);
      expect((await stat(file)).mode & 0o777).toBe(0o600);
    }
  },
);

it('a second up names who has the node; with --wait it waits, and does nothing twice', SLOW, async () => {
  await using site = await makeSite();
  await using board = await serveBoard(site, 'rk1');
  await site.configure(board);
  const first = startCli([...UP, '-c', site.configFile]);
  const firstExit = once(first, 'exit');
  await until(first, isInstalling);
  first.kill('SIGSTOP'); // it lives, and holds what it has
  const refused = await runCli([...UP, '-c', site.configFile]);
  expect(jsonLines(refused.stdout).find(({ event }) => event === 'node:failed')).toMatchObject({
    code: 'PHASE_ALREADY_RUNNING',
    message: expect.stringMatching(
      new RegExp(`process ${first.pid} on .* \\(turingpi up, since 20.*Z\\)`),
    ) as string,
    hint: expect.stringContaining('--wait') as string,
  });
  expect(refused.exitCode).toBe(5);

  const waiting = startCli(['up', '--json', '--wait', '--erase', 'all', '-c', site.configFile]);
  const waitingExit = once(waiting, 'exit');
  const told = await until(
    waiting,
    ({ progress }) => (progress as Line | undefined)?.['activity'] === 'wait',
  );
  expect(told['progress']).toMatchObject({
    note: expect.stringMatching(
      new RegExp(`^process ${first.pid} on .*turingpi up, since .*waiting`),
    ) as string,
  });
  first.kill('SIGCONT');
  expect((await firstExit)[0]).toBe(0);
  expect((await waitingExit)[0]).toBe(0);
  const { nodes } = JSON.parse(await runs(site, 'show', '--json')) as { nodes: { phases: Line }[] };
  expect(Object.values(nodes[0]!.phases)).toEqual(
    Array.from({ length: 3 }, () => expect.objectContaining({ outcome: 'skipped' }) as Line),
  );
});

it(
  'run cancel stops a run of another terminal, which says who asked and what it waits for',
  SLOW,
  async () => {
    await using site = await makeSite();
    await using board = await serveBoard(site, 'rk1');
    await site.configure(board);
    const running = startCli([...UP, '-c', site.configFile]);
    const exit = once(running, 'exit');
    await until(running, isInstalling);
    expect(await runs(site, 'cancel', '--wait')).toMatch(/is asked to stop.*\nIt has ended: aborted/);
    expect((await exit)[0]).toBe(130);
    const log = jsonLines(await runs(site, 'logs', '--json'));
    expect(log.slice(-1)).toMatchObject([{ type: 'run:ended', outcome: 'aborted' }]);
    expect(log.find(({ type }) => type === 'run:cancelling')).toMatchObject({
      by: expect.stringMatching(/^turingpi run cancel \(/) as string,
    });
    const again = await runCli([...UP, '-c', site.configFile]);
    expect(again.exitCode, again.stdout).toBe(0);
  },
);
