import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { CommandContext } from '@turingpi/cli/plugin';
import { CleanupStack, LEDGER_VARIABLE } from '@turingpi/foundation';
import { approvalFor } from '../approval/approval-for.js';
import { newOperatorKey, privateKeyOf, publicLineOf } from '../approval/operator-key.js';
import { signApproval } from '../approval/sign-approval.js';
import { follow } from '../command/follow-rollout.js';
import { openEngine } from '../command/open-orchestrator.js';
import { enginesIn } from '../engine/chosen-engine.js';
import { loadFleet } from '../fleet-file/load-fleet.js';
import { rolloutOf } from '../fleet-file/rollout-of.js';
import type { NodePlan } from '../orchestrator/board-steps.js';
import { FleetError } from '../orchestrator/fleet-error.js';
import type { SignedApproval } from '../orchestrator/signed-approval.js';
import { DEMO_BOARDS, DemoBoards } from './demo-boards.js';
import { type DemoLine, DemoProcess } from './demo-process.js';

const AGENTS = ['north-1', 'north-2', 'south-1', 'south-2'] as const;
const FAILED = 1;

/**
 * `turingpi fleet demo`: two sites with two simulated boards and two agents each, as processes; one agent is killed while
 * it writes a disk, and another one of its site goes on. All of it is gone at the end, also after Ctrl-C.
 */
export async function runFleetDemo(context: CommandContext): Promise<number> {
  const { stdout, json, signal, cwd, programDir } = context;
  const note = (text: string) =>
    stdout.write(json ? `${JSON.stringify({ type: 'note', text })}\n` : `${text}\n`);
  await using cleanup = new CleanupStack();
  const { engines } = await enginesIn([cwd]);
  const engine = engines.find((one) => one.startDemoServer !== undefined);
  if (engine?.startDemoServer === undefined)
    throw new FleetError(
      'FLEET_ENGINE_MISSING',
      'the demonstration needs an engine, and none is installed here',
      {
        hint: 'Install one in this folder: npm install @turingpi/fleet-temporal',
      },
    );
  const directory = await mkdtemp(path.join(os.tmpdir(), 'turingpi-fleet-demo-'));
  const remove = () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }); // after a second Ctrl-C
  process.once('exit', remove);
  cleanup.defer('folder', async () => {
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    process.off('exit', remove);
  });
  const environment = {
    ...context.environment,
    TPI_FLEET_KEY: randomBytes(32).toString('base64'),
    // Read by the simulated boards, which judge by it: nothing is erased that was not approved.
    [LEDGER_VARIABLE]: path.join(directory, 'erased.jsonl'),
  };
  process.env[LEDGER_VARIABLE] = environment[LEDGER_VARIABLE];
  const server = await engine.startDemoServer({ directory, environment, signal });
  cleanup.use('server', server);
  note(`${engine.id} runs${server.page === undefined ? '' : `: its own page is ${server.page}`}`);
  const { boards } = cleanup.use('boards', await DemoBoards.start(directory, programDir));
  note('four simulated boards on two sites, north and south');

  const pem = newOperatorKey();
  const key = privateKeyOf(pem);
  if (key === undefined) throw new TypeError('a new key is no key');
  const file = path.join(directory, 'fleet.yaml');
  await writeFile(file, JSON.stringify(fleetFile(engine.id, server.settings, publicLineOf(key)), null, 2));
  const words = ['-f', file];
  const spoil = new Spoiler(note);
  const start = async (name: string, ...more: readonly string[]) => {
    const hear = (line: DemoLine) => spoil.hear(line, name);
    const how = { cwd, environment, signal, hear };
    const started = cleanup.use(name, await DemoProcess.start(name, [...more, ...words], how));
    spoil.processes.set(name, started);
  };
  const starts = [
    start('controller', 'controller'),
    ...AGENTS.map((name) => start(name, 'agent', '--site', name.split('-')[0] ?? '', '--name', name)),
  ];
  await Promise.allSettled(starts); // those that start while another one fails are ended as well
  await Promise.all(starts);
  note(`a controller and four agents run: ${AGENTS.join(', ')}`);

  const fleet = await loadFleet(file);
  const orchestrator = cleanup.use('operator', await openEngine(fleet, { ...context, environment }));
  const plans = new Map<string, readonly NodePlan[]>();
  for (const { name: board, site } of DEMO_BOARDS)
    plans.set(board, await orchestrator.plan(site, { board, reinstall: false }, signal));
  const about = { fleet: fleet.name, operator: 'ada', now: new Date() };
  const approvals: SignedApproval[] = [...plans].flatMap(([board, nodes]) =>
    nodes
      .filter(({ erases }) => erases !== undefined)
      .map((plan) => signApproval(approvalFor({ ...about, board, plan }), key)),
  );
  note(`ada has approved that ${approvals.length} disks are erased; two boards at a time:`);
  await orchestrator.start(rolloutOf(fleet, { id: 'demo', plans, approvals, reinstall: false }));
  const outcome = await follow(orchestrator, 'demo', context, signal);
  const findings = boards.flatMap((board) => board.findings);
  const isRight = outcome === 'completed' && findings.length === 0 && spoil.killed !== undefined;
  note(
    isRight
      ? `every board is as it was planned, although ${spoil.killed} was killed; nothing was erased that ada did not approve`
      : `this is not as it should be: ${outcome}, ${findings.length} findings, killed: ${spoil.killed ?? 'nobody'}`,
  );
  return isRight ? 0 : FAILED;
}

/** Kills the first agent that writes a disk. */
class Spoiler {
  readonly processes = new Map<string, DemoProcess>();
  killed: string | undefined;

  constructor(private readonly note: (text: string) => void) {}

  hear(line: DemoLine, name: string): void {
    const isWriting =
      line['type'] === 'step:progress' && line['step'] === 'install' && Number(line['part']) > 0;
    const agent = this.processes.get(name);
    if (!isWriting || agent === undefined || this.killed !== undefined) return;
    this.killed = name;
    this.note(`kill -9 of ${name} (process ${agent.pid}), which writes ${String(line['board'])}`);
    void agent.kill();
  }
}

function fleetFile(engine: string, settings: Readonly<Record<string, unknown>>, operator: string): unknown {
  return {
    fleet: 'demo',
    engine: { [engine]: settings },
    operators: { ada: operator },
    sites: { north: {}, south: {} },
    boards: Object.fromEntries(DEMO_BOARDS.map(({ name, site }) => [name, { site }])),
    rollout: { atOnce: 2 },
  };
}
