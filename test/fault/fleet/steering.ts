import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { BoardStatus, RolloutStatus, SignedApproval } from '@turingpi/fleet/orchestrator';
import type { FleetLab } from './fleet-lab.js';
import type { SaidLine } from './lab-agents.js';
import { LabRollout } from './lab-rollout.js';

const PLAN = 'again.json';
/** Where a write stands still until somebody has looked. */
const STALLS_AT = 8 << 20;

/** What steering is done with. */
interface Steering {
  readonly fleet: FleetLab;
  /** Of all disks. */
  readonly approvals: readonly SignedApproval[];
  readonly note: (what: string) => void;
}

/** What must be so, and what is said where it is not. */
type Claim = readonly [holds: boolean, otherwise: string];

/**
 * Rollouts that install all boards anew by one plan, and are steered by the command: one stops after a failure, one is cancelled
 * while it flashes, and the last one, which finishes all, meets a drained site. Each is judged by what the slots of the boards
 * were seen to do, and by what was said.
 *
 * @returns What was wrong.
 */
export async function steerRollouts(
  fleet: FleetLab,
  note: (what: string) => void,
): Promise<readonly string[]> {
  const { centre } = fleet;
  const planned = await centre.run('plan', '--reinstall', '-o', PLAN);
  if (planned.exitCode !== 6) return [`the plan ended with ${planned.exitCode}: ${planned.stderr}`];
  await centre.run('approve', PLAN, '--operator', 'ada', '--key', 'ada.pem', '-o', 'all.json');
  const text = await readFile(path.join(centre.directory, 'all.json'), 'utf8');
  const steering: Steering = { fleet, note, approvals: JSON.parse(text) as SignedApproval[] };
  for (const { watch } of fleet.boards) watch.startAnew();
  const wrong: string[] = [];
  for (const [name, work] of Object.entries({ stop, cancel, drain }))
    try {
      for (const [holds, otherwise] of await work(steering)) if (!holds) wrong.push(`${name}: ${otherwise}`);
    } catch (error) {
      wrong.push(`${name}: ${(error as Error).message}`); // what was wrong before it explains this one
    }
  return wrong;
}

/** Nobody has approved the first board: it fails, its disk stays as it is, and no board begins after that. */
async function stop({ fleet, approvals, note }: Steering): Promise<readonly Claim[]> {
  const approved = approvals.filter(({ statement }) => statement.board !== 'north-1');
  const rollout = await LabRollout.begin(fleet.centre, PLAN, approved);
  const exitCode = await rollout.ended;
  note(`a rollout in which nobody has approved north-1 has ended with ${exitCode}`);
  const { events, failures } = rollout;
  const failed = events.findIndex(({ type, state }) => type === 'board:ended' && state === 'failed');
  const lateBoards = events.slice(failed).filter(({ type }) => type === 'board:started');
  const isRefused = failures.length > 0 && failures.every((code) => code === 'APPROVAL_MISSING');
  return [
    [
      exitCode === 5 && events.at(-1)?.['outcome'] === 'stopped',
      `it ended as ${JSON.stringify(events.at(-1))}`,
    ],
    [isRefused, `its steps failed with ${failures.join()}`],
    [lateBoards.length === 0, `after a failure began ${JSON.stringify(lateBoards)}`],
    [rollout.stateOf('north-1') === 'failed', `north-1 is ${rollout.stateOf('north-1')}`],
    [rollout.stateOf('south-1') === 'completed', `south-1, which ran, is ${rollout.stateOf('south-1')}`],
    ...flashed(fleet, { 'north-1': 0, 'north-2': 0, 'south-2': 0, 'south-1': fleet.form.nodes.length }),
  ];
}

/** The first board is being written when somebody cancels. */
async function cancel({ fleet, approvals, note }: Steering): Promise<readonly Claim[]> {
  const { board, watch } = fleet.board('north-1');
  const before = flashes(fleet);
  board.setFaults({ emmcStallAt: STALLS_AT });
  const rollout = await LabRollout.begin(fleet.centre, PLAN, approvals);
  const node = await rollout.before(fleet.untilWriting('north-1'));
  const { exitCode, stdout, stderr } = await fleet.centre.run('cancel', rollout.id);
  const stillTaken = fleet.boards.filter((each) => each.watch.isTaken).map(({ name }) => name);
  note(`one that was cancelled while north-1 was written has ended: ${exitCode}`);
  board.setFaults({});
  if (exitCode !== 0) return [[false, `the cancel ended with ${exitCode}: ${stderr}`]];
  const { outcome, boards } = JSON.parse(stdout) as RolloutStatus;
  const isSaid = (name: string, state: string) =>
    boards.some((each) => each.board === name && each.state === state);
  return [
    [outcome === 'cancelled', `it ended as ${outcome}`],
    [
      fleet.boards.every(({ name }) => boards.some((each) => each.board === name)),
      `not every board is told of: ${JSON.stringify(boards)}`,
    ],
    [stillTaken.length === 0, `${stillTaken.join()} was written to when it was said to have ended`],
    [isSaid('north-1', 'cancelled') && isSaid('south-1', 'completed'), JSON.stringify(boards)],
    [(watch.done.get(node) ?? 0) === 0, 'the write that was cancelled came to its end'],
    ...boards.map((said): Claim => {
      const begun = (flashes(fleet).get(said.board) ?? 0) - (before.get(said.board) ?? 0);
      return [mayBe(said, begun), `${begun} writes of what is said to be ${JSON.stringify(said)}`];
    }),
  ];
}

/** Whether what is said of a board may be, after so many writes to it began. */
function mayBe({ state, nodes }: BoardStatus, begun: number): boolean {
  const installed = nodes.filter(({ step }) => step === 'install' || step === 'postInstall').length;
  if (state === 'not started') return begun === 0 && installed === 0;
  return (state === 'completed' || state === 'cancelled') && begun <= installed;
}

/** The site of the first board is drained while that one is written, and resumed when nothing has begun there for a while. */
async function drain({ fleet, approvals, note }: Steering): Promise<readonly Claim[]> {
  const { board, watch } = fleet.board('north-1');
  board.setFaults({ emmcStallAt: STALLS_AT });
  const rollout = await LabRollout.begin(fleet.centre, PLAN, approvals);
  const node = await rollout.before(fleet.untilWriting('north-1'));
  await fleet.centre.run('drain', 'north');
  note('north is drained while north-1 is written');
  const { said } = fleet.agents;
  const [mark, before] = [said.length, flashes(fleet)];
  board.setFaults({});
  await rollout.event(
    ({ type, board: of, step, node: on }) =>
      type === 'step:completed' && of === 'north-1' && step === 'install' && on === node,
  );
  await rollout.event(({ type, board: of }) => type === 'board:started' && of === 'north-2');
  const status = await fleet.centre.run('status'); // takes longer than a site that takes work needs to begin some
  note('that write has come to its end, and north-2 waits: north takes work again');
  const begun = said
    .slice(mark)
    .filter(({ type, computer }) => type === 'step:started' && computer.startsWith('north'));
  const after = flashes(fleet);
  const done = watch.done.get(node);
  await fleet.centre.run('drain', 'north', '--resume');
  const exitCode = await rollout.ended;
  note(`the rollout has ended with ${exitCode}`);
  return [
    [done === 1, `the write that was under way came to its end ${done ?? 0} times`],
    [begun.length === 0, `on a drained site began ${JSON.stringify(begun)}`],
    [
      before.get('north-2') === after.get('north-2') || isInstalling(said.slice(0, mark), 'north-2'),
      'north-2 of a drained site was written to',
    ],
    [status.stdout.includes('"draining":["north"]'), `it was said of it: ${status.stdout}${status.stderr}`],
    [exitCode === 0, `it ended as ${JSON.stringify(rollout.events.at(-1))}`],
  ];
}

/** Whether an agent was in the middle of an installation when that was said last. */
function isInstalling(said: readonly SaidLine[], name: string): boolean {
  const ends = said.filter(
    ({ type, board, step }) => type !== 'step:progress' && board === name && step === 'install',
  );
  return ends.at(-1)?.['type'] === 'step:started';
}

/** How many writes to each board began. */
function flashes({ boards }: FleetLab): ReadonlyMap<string, number> {
  return new Map(
    boards.map(({ name, watch }) => [name, [...watch.begun.values()].reduce((sum, each) => sum + each, 0)]),
  );
}

function flashed(fleet: FleetLab, expected: Readonly<Record<string, number>>): readonly Claim[] {
  const seen = flashes(fleet);
  return Object.entries(expected).map(([name, count]) => [
    seen.get(name) === count,
    `${name} was written to ${seen.get(name)} times, not ${count}`,
  ]);
}
