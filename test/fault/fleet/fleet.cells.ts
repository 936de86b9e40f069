import { setTimeout as sleep } from 'node:timers/promises';
import { NODE_IDS } from '@turingpi/foundation';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FleetLab, LEASES, type Line } from './fleet-lab.js';

/*
 * A rollout over four boards on two sites, while agents die in each of their steps, one is frozen for longer than its leases
 * last, and Temporal is killed and comes back.
 */
const NODES = process.env['FLEET'] === 'all' ? NODE_IDS : ([1] as const);

let lab: FleetLab;
beforeAll(async () => {
  lab = await FleetLab.make(NODES);
}, 120_000);
afterAll(() => lab[Symbol.asyncDispose]());

test('a rollout with all accidents', async ({ task }) => {
  const begins = (board: string, phase: string) => (line: Line) =>
    line['board'] === board && line['event'] === 'phase:started' && line['phase'] === phase;
  const untilWriting = async (board: string) => {
    while (!lab.board(board).watch.isWriting) await sleep(5);
  };
  let accidents = 0;
  const kill = async (board: string, phase: string, until = () => Promise.resolve()) => {
    const agent = await lab.when(begins(board, phase));
    await until();
    await lab.killAndRestart(agent);
    accidents += 1;
  };
  const freeze = async (board: string) => {
    const agent = await lab.when(begins(board, 'os_installation'));
    await untilWriting(board);
    const { child } = agent;
    child.kill('SIGSTOP');
    await sleep(1.5 * LEASES.staleMs);
    child.kill('SIGCONT');
    accidents += 1;
  };
  const cutTemporal = async (board: string) => {
    await lab.when(begins(board, 'os_installation'));
    await lab.temporal.kill();
    await sleep(2000);
    await lab.temporal.begin();
    accidents += 1;
  };
  await using orchestrator = await lab.orchestrator();
  const all = [
    kill('north-1', 'image_customization'),
    kill('north-2', 'os_installation', () => untilWriting('north-2')),
    kill('south-1', 'post_installation'),
    freeze('south-2'),
    cutTemporal('north-1'),
  ];
  await orchestrator.start(lab.rollout());
  await Promise.all(all);
  const { outcome, boards } = await orchestrator.ended('all', AbortSignal.timeout(600_000));
  const wrong = [
    ...(outcome === 'completed' ? [] : [`the rollout ended as ${outcome}: ${JSON.stringify(boards)}`]),
    ...(await lab.wrong()),
  ];
  task.meta.fleet = { runs: boards.length * NODES.length, accidents, wrong };
  expect(wrong, JSON.stringify(lab.lines.slice(-8))).toEqual([]);
});
