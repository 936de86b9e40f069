import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StepName } from '@turingpi/fleet/orchestrator';
import type { NodeId } from '@turingpi/foundation';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { requireTemporal } from '../../../bench/fleet/temporal-server.js';
import { requirePostgres } from '../../../bench/store/postgres-server.js';
import type { Line } from '../../fleet/fleet-folder.js';
import { requireTools } from '../../support/site/require-tools.js';
import { FORM } from './fleet-form.js';
import { FleetLab } from './fleet-lab.js';
import { leakedSecrets } from './leaked-secrets.js';
import { steerRollouts } from './steering.js';
import { wrongFleet } from './wrong-fleet.js';
import { wrongOrder } from './wrong-order.js';

/*
 * A rollout over four boards on two sites by the built command, while agents die in each of their steps, one is frozen for
 * longer than its leases last, a site is cut off, and controller, Temporal and PostgreSQL are killed and come back; then three
 * more over the same boards, which are steered. One computer of each site has a clock that is an hour off.
 */
const { nodes, leaseMs, awayMs } = FORM;
const [FIRST = 1] = nodes;
const LAST = nodes.at(-1) ?? FIRST;
/** As the fleet file of the lab says. */
const AT_ONCE = 2;
const skip = [requireTemporal(), requirePostgres(), requireTools('openssl', 'unshare', 'faketime')].some(
  ({ missing }) => missing,
);

let lab: FleetLab | undefined;
beforeAll(async () => {
  if (!skip) lab = await FleetLab.start(FORM);
}, 240_000);
afterAll(() => lab?.[Symbol.asyncDispose]());

test.skipIf(skip)('a rollout with all accidents', async ({ task }) => {
  if (lab === undefined) throw new Error('there is no fleet');
  const fleet = lab;
  const began = performance.now();
  const accidents: string[] = [];
  const note = (what: string) =>
    accidents.push(`${((performance.now() - began) / 1000).toFixed(1)} s: ${what}`);
  const says = (type: string, board: string, step: StepName, node: NodeId) => (line: Line) =>
    line['type'] === type && line['board'] === board && line['step'] === step && line['node'] === node;
  /** The steps in which agents were lost, by node. */
  const lost: { readonly board: string; readonly node: NodeId; readonly step: StepName }[] = [];
  /** Nodes whose flash must have gone on, whatever was away meanwhile. */
  const survived: { readonly board: string; readonly node: NodeId }[] = [];

  const whileWriting = async (board: string, node: NodeId) => {
    const computer = await fleet.agents.when(says('step:started', board, 'install', node));
    await fleet.untilWriting(board, node);
    return computer;
  };
  const kill = async (board: string, step: StepName, node: NodeId) => {
    const computer =
      step === 'install'
        ? await whileWriting(board, node)
        : await fleet.agents.when(says('step:progress', board, step, node));
    lost.push({ board, node, step });
    note(`kill -9 of ${computer.name} in ${step} of ${board}/${node}`);
    await fleet.agents.kill(computer);
  };
  const freeze = async (board: string, node: NodeId) => {
    const computer = await whileWriting(board, node);
    lost.push({ board, node, step: 'install' });
    note(`${computer.name} is frozen while it flashes ${board}/${node}`);
    const { child } = computer.agent!;
    child.kill('SIGSTOP');
    await sleep(1.25 * leaseMs);
    child.kill('SIGCONT');
    note(`${computer.name} goes on`);
  };
  /** Says what is back, and what that means for a flash: a busy computer may have taken longer than a lease lasts. */
  const isBack = (what: string, { board, node }: (typeof survived)[number], sinceMs: number) => {
    const wasAwayMs = performance.now() - sinceMs;
    const isShort = wasAwayMs < 0.4 * leaseMs;
    note(`${what} after ${(wasAwayMs / 1000).toFixed(1)} s${isShort ? '' : ', too late for some leases'}`);
    if (isShort) survived.push({ board, node });
    else
      for (const { name } of fleet.boards)
        lost.push(...nodes.map((each) => ({ board: name, node: each, step: 'install' as const })));
  };
  const cut = async (board: string, node: NodeId) => {
    const { site } = await whileWriting(board, node);
    note(`${site} is cut off while ${board}/${node} is flashed`);
    const since = performance.now();
    await fleet.cutOff(site, awayMs);
    isBack(`${site} is reached again`, { board, node }, since);
  };
  const outage = async (board: string, node: NodeId) => {
    await whileWriting(board, node);
    note(`Temporal, PostgreSQL, controller and state server are killed while ${board}/${node} is flashed`);
    const since = performance.now();
    await fleet.killCentre();
    await sleep(awayMs);
    await Promise.all([fleet.database.begin(), fleet.startStateServer()]);
    isBack('PostgreSQL and the state server are back', { board, node }, since);
    await fleet.temporal.begin();
    await fleet.startController();
    note('Temporal and the controller are back');
  };

  const { centre } = fleet;
  const planned = await centre.run('plan', '-o', 'plan.json');
  expect(planned, planned.stderr).toMatchObject({ exitCode: 6 });
  const signed = ['--operator', 'ada', '--key', 'ada.pem', '-o', 'approvals.json'];
  const approved = await centre.run('approve', 'plan.json', ...signed);
  expect(approved, approved.stderr).toMatchObject({ exitCode: 0 });
  note('the rollout begins');
  const all = [
    kill('north-1', 'customise', FIRST),
    outage('north-1', FIRST),
    freeze('south-1', FIRST), // while others are lost as well: it takes longest
    kill('north-2', 'postInstall', LAST),
    cut('north-2', FIRST),
    kill('south-2', 'install', LAST),
  ];
  const up = centre.begin(['up', 'plan.json', '--approvals', 'approvals.json']);
  const code = new Promise<number | null>((resolve) => up.child.once('close', resolve));
  const exitCode = await Promise.race([code, Promise.all(all).then(() => code)]);
  note(`the rollout has ended with ${exitCode}`);
  if (process.env['FLEET_LOG'] !== undefined)
    await writeFile(
      path.resolve(process.env['FLEET_LOG']),
      JSON.stringify({ said: fleet.agents.said, events: up.lines, accidents, log: fleet.log }, null, 1),
    );

  const wrong = [
    ...(exitCode === 0 ? [] : [`the rollout ended with ${exitCode}: ${JSON.stringify(up.lines.at(-1))}`]),
    ...(await wrongFleet(fleet, lost, AT_ONCE)),
    ...wrongOrder(up.lines, fleet.agents.said, {
      boards: fleet.boards.map(({ name }) => name),
      atOnce: AT_ONCE,
    }),
    ...survived
      .filter(({ board, node }) => fleet.board(board).watch.begun.get(node) !== 1)
      .map(
        ({ board, node }) =>
          `a flash of ${board}/${node} did not survive what was away for less than a lease`,
      ),
  ];
  task.meta.fleet = { runs: fleet.boards.length * nodes.length, accidents, wrong };
  expect(wrong).toEqual([]);
});

test.skipIf(skip)('rollouts that stop, are cancelled, and meet a drained site', async ({ task }) => {
  if (lab === undefined) throw new Error('there is no fleet');
  const fleet = lab;
  const began = performance.now();
  const accidents: string[] = [];
  const steered = await steerRollouts(fleet, (what) =>
    accidents.push(`${((performance.now() - began) / 1000).toFixed(1)} s: ${what}`),
  );
  const cancelled = ['north-1', 'north-2', 'south-2'].flatMap((board) =>
    nodes.map((node) => ({ board, node, step: 'install' as const })),
  );
  const wrong = [
    ...steered,
    ...(await wrongFleet(fleet, cancelled, AT_ONCE)),
    ...(await leakedSecrets(fleet, 'north-1')), // of all that was done before as well
  ];
  task.meta.fleet = { runs: fleet.boards.length * nodes.length, accidents, wrong };
  expect(wrong).toEqual([]);
});
