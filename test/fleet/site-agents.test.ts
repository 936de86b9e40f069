import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  approvalFor,
  type Fleet,
  fleetPlugin,
  loadFleet,
  newOperatorKey,
  privateKeyOf,
  publicLineOf,
  signApproval,
  SiteAgent,
} from '@turingpi/fleet';
import type { ContributedCommand } from '@turingpi/cli/plugin';
import type {
  ApprovalStatement,
  NodePlan,
  SignedApproval,
  StepContext,
  StepProgress,
  StepResult,
  StepTask,
} from '@turingpi/fleet/orchestrator';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { ensureBuiltPage } from '../../packages/dashboard/src/page/built-page.fixture.js';
import { jsonLines } from '../support/site/run-cli.js';
import { makeSite, type Site, usualWorkflow } from '../support/site/site.js';

/*
 * Two sites with a board of two nodes each, and their agents: nothing is erased without a signature that fits, and with
 * one each disk is, once. The steps build on each other.
 */
let directory: string;
let fleet: Fleet;
const sites = new Map<string, Site>();
const boards = new Map<string, VirtualBoard>();
const agents = new Map<string, SiteAgent>();
const adasKey = newOperatorKey();
const ada = privateKeyOf(adasKey)!;
const stranger = privateKeyOf(newOperatorKey())!;

const PROGRAM_DIR = path.resolve(import.meta.dirname, '../../packages/cli');
const PATIENCE = () => AbortSignal.timeout(290_000);
const context = (): StepContext => ({ signal: PATIENCE(), heartbeat: () => undefined });
const [command] = fleetPlugin.commands as readonly [ContributedCommand];

beforeAll(async () => {
  await ensureBuiltPage();
  directory = await mkdtemp(path.join(os.tmpdir(), 'turingpi-fleet-'));
  for (const name of ['north', 'south']) {
    const site = await makeSite();
    sites.set(name, site);
    const board = await startVirtualBoard({
      dir: path.join(site.directory, 'board'),
      nodes: [{ board: 'rk1' }, { board: 'rk1' }],
      clock: { scale: 20 },
      httpPort: 'off',
    });
    boards.set(name, board);
    await site.configure(board, {
      workflow: undefined,
      network: { hostnamePattern: `${name}-{id}`, gateway: '192.168.1.1' },
    });
    const { publicKey, userPassword } = site;
    await writeFile(
      path.join(directory, `${name}.yaml`),
      stringify({ workflow: { ...usualWorkflow(publicKey, userPassword), files: [] } }),
    );
  }
  const file = path.join(directory, 'fleet.yaml');
  const board = (name: string) => ({
    site: name,
    labels: { place: name },
    configuration: sites.get(name)!.configFile,
  });
  await writeFile(
    file,
    stringify({
      fleet: 'labs',
      operators: { ada: publicLineOf(ada) },
      sites: { north: {}, south: {} },
      boards: { rack1: board('north'), rack2: board('south') },
      workflows: ['north', 'south'].map((name) => ({ labels: { place: name }, file: `${name}.yaml` })),
      rollout: { atOnce: 2 },
    }),
  );
  await writeFile(path.join(directory, 'ada.pem'), adasKey, { mode: 0o600 });
  fleet = await loadFleet(file);
  for (const site of sites.keys()) agents.set(site, newAgent(site));
}, 120_000);
afterAll(async () => {
  for (const board of boards.values()) await board[Symbol.asyncDispose]();
  for (const site of sites.values()) await site[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

const newAgent = (site: string) =>
  new SiteAgent(fleet, {
    ...{ site, environment: {}, ledger: path.join(directory, site, 'approvals.jsonl') },
    programDir: PROGRAM_DIR,
  });
const north = () => agents.get('north')!;
const planOf = async (node: 1 | 2, reinstall = false): Promise<NodePlan> =>
  (await north().plan({ board: 'rack1', nodes: [node], reinstall }, context()))[0]!;
const approvalOf = (plan: NodePlan, changes: Partial<ApprovalStatement> = {}, key = ada): SignedApproval =>
  signApproval(
    { ...approvalFor({ fleet: 'labs', operator: 'ada', board: 'rack1', plan, now: new Date() }), ...changes },
    key,
  );
const taskFor = (plan: NodePlan, approval?: SignedApproval, reinstall = false): StepTask => ({
  ...{ rollout: 'by-hand', board: 'rack1', node: plan.node, plan: plan.plan, reinstall },
  ...(approval === undefined ? {} : { approval }),
});

describe('an agent', () => {
  it('erases nothing without an approval that fits', async () => {
    const plan = await planOf(1);
    expect(plan).toMatchObject({
      hostname: 'north-1',
      changes: true,
      erases: { disk: 'emmc', evidence: 'new' },
    });
    const good = approvalOf(plan);
    const cases: readonly (readonly [string, SignedApproval | undefined])[] = [
      ['APPROVAL_MISSING', undefined],
      ['APPROVAL_INVALID', approvalOf(plan, {}, stranger)],
      ['APPROVAL_FOREIGN', approvalOf(plan, { node: 2 })],
      ['APPROVAL_FOREIGN', approvalOf(plan, { identity: 'another-board' })],
      ['APPROVAL_OUTDATED', approvalOf(plan, { plan: 'f'.repeat(64) })],
    ];
    for (const [code, approval] of cases)
      await expect(north().install(taskFor(plan, approval), context()), code).rejects.toMatchObject({ code });
    const other = { ...taskFor(plan, good), plan: 'f'.repeat(64) };
    await expect(north().install(other, context())).rejects.toMatchObject({ code: 'PLAN_OUTDATED' });
    await expect(north().plan({ board: 'rack2', reinstall: false }, context())).rejects.toMatchObject({
      code: 'BOARD_UNKNOWN',
    });
    expect((await planOf(1)).erases?.evidence).toBe('new');
  }, 300_000);
});

/** Runs `turingpi fleet …`. */
async function turingpi(args: readonly string[], options: Readonly<Record<string, unknown>> = {}) {
  const told: string[] = [];
  const context: Parameters<typeof command.run>[0] = {
    ...{ args, options: { fleet: 'fleet.yaml', ...options }, json: true, cwd: directory, environment: {} },
    ...{ signal: PATIENCE(), programDir: PROGRAM_DIR },
    stdout: { write: (text) => told.push(text) },
    stderr: { write: (text) => told.push(text) },
    openCluster: () => Promise.reject(new TypeError('a fleet opens its own')),
  };
  const exitCode = await command.run(context);
  return { exitCode, lines: jsonLines(told.join('')) };
}

describe('turingpi fleet', () => {
  it('carries out what was planned and approved, and nothing is left to do', async () => {
    const [file, out] = ['plan.json', 'approvals.json'];
    const planned = await turingpi(['plan'], { out: file });
    expect(planned.exitCode).toBe(6);
    await turingpi(['approve', file], { operator: 'ada', key: 'ada.pem', out });
    const { exitCode, lines } = await turingpi(['up', file], { approvals: out, watch: true });
    expect(exitCode, JSON.stringify(lines)).toBe(0);
    expect(lines[0]).toMatchObject({ type: 'page', url: expect.stringContaining('?token=') as string });
    const installed = lines.filter(({ type, step }) => type === 'step:completed' && step === 'install');
    expect(installed.map(({ board, node }) => `${String(board)}/${String(node)}`).sort()).toEqual([
      'rack1/1',
      'rack1/2',
      'rack2/1',
      'rack2/2',
    ]);
    for (const board of boards.values()) expect(board.findings).toEqual([]);
    const after = await turingpi(['plan']);
    expect(after.exitCode).toBe(0);
    const digests = ({ lines: [plan] }: typeof after) =>
      Object.values(plan?.['boards'] as Record<string, NodePlan[]>).flatMap((nodes) =>
        nodes.map(({ plan }) => plan),
      );
    expect(digests(after)).toEqual(digests(planned)); // it is about what the nodes are to be
  }, 300_000);
});

describe('a node that is installed', () => {
  it('is installed anew as was approved, once: the same step and the same approval do nothing more', async () => {
    const before = await planOf(1);
    const plan = await planOf(1, true);
    expect(plan.plan).not.toBe(before.plan);
    const approval = approvalOf(plan);
    const task = taskFor(plan, approval, true);
    await north().customise(task, context());
    const { ids, outcome } = await north().install(task, context());
    expect(outcome).toBe('done');
    expect(ids['installation']).not.toBe(plan.erases?.installation);
    expect(await north().customise(task, context())).toMatchObject({ outcome: 'skipped' });
    expect(await north().install(task, context())).toMatchObject({ outcome: 'skipped', ids });
    expect(await north().postInstall(task, context())).toMatchObject({ outcome: 'done', ids });
    const next = await planOf(1, true);
    const replayed = { ...taskFor(next, approval, true), plan: next.plan };
    await expect(north().install(replayed, context())).rejects.toMatchObject({ code: 'APPROVAL_OUTDATED' });
    const used = approvalOf(next, { id: approval.statement.id });
    await expect(north().install(taskFor(next, used, true), context())).rejects.toMatchObject({
      code: 'APPROVAL_USED',
    });
  }, 300_000);
});

describe('an agent that was taken for dead', () => {
  it('comes to its end; the one that is to do its step waits for that, and finds it done', async () => {
    const plan = await planOf(2, true);
    const task = taskFor(plan, approvalOf(plan), true);
    await north().customise(task, context());
    const second = newAgent('north');
    const said: string[] = [];
    const hears = { ...context(), heartbeat: ({ doing }: StepProgress) => said.push(doing) };
    let following: Promise<PromiseSettledResult<StepResult>[]> | undefined;
    const first = await north().install(task, {
      ...context(),
      heartbeat: ({ doing }) => {
        if (doing === 'write') following ??= Promise.allSettled([second.install(task, hears)]);
      },
    });
    expect(first.outcome).toBe('done');
    expect(await following).toEqual([{ status: 'fulfilled', value: { ...first, outcome: 'skipped' } }]);
    expect(said).toContain('waiting for who is at it');
    expect(boards.get('north')!.findings).toEqual([]);
  }, 300_000);
});

describe('a board whose records are lost', () => {
  it('is adopted with the host keys that somebody confirmed, and no rollout erases it', async () => {
    await rm(path.join(sites.get('south')!.cacheDir, 'rack2.json'));
    const confirmed: string[] = [];
    while (confirmed.length < 2) {
      const refused = await turingpi(['adopt', 'rack2'], { fingerprint: confirmed }).catch(
        (error: unknown) => error,
      );
      const { hint = '' } = refused as { readonly hint?: string };
      confirmed.push(/SHA256:[\w+/]+/.exec(hint)?.[0] ?? '');
    }
    const { lines } = await turingpi(['adopt', 'rack2'], { fingerprint: confirmed });
    expect(lines).toMatchObject([
      { type: 'node:adopted', board: 'rack2', node: 1 },
      { type: 'node:adopted', board: 'rack2', node: 2 },
    ]);
    const {
      lines: [plan],
    } = await turingpi(['plan'], { labels: { place: 'south' } });
    const nodes = Object.values(plan?.['boards'] as Record<string, NodePlan[]>).flat();
    expect(nodes.map(({ erases }) => erases)).toEqual([undefined, undefined]);
    // Nobody can tell any more which actions were done.
    expect(nodes.flatMap(({ steps }) => steps.filter((step) => !step.includes(': skip'))).join()).toMatch(
      /^post_installation: run[^,]*,post_installation: run/,
    );
  }, 120_000);
});
