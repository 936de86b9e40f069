import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { CleanupStack, Secret, silentLogger } from '@turingpi/core/plugin';
import { ScriptedSteps } from '@turingpi/fleet/conformance';
import type { Rollout } from '@turingpi/fleet/orchestrator';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { requireTemporal, TemporalServer } from '../../../bench/fleet/temporal-server.js';
import { TemporalOrchestrator } from './temporal-orchestrator.js';
import { startFleetAgent } from './worker/fleet-agent.js';
import { startFleetController } from './worker/fleet-controller.js';

const { missing } = requireTemporal();

/* A run of a workflow takes so many signals, and is over when its history is so long: with thousands of boards it is. */
describe.skipIf(missing)('a rollout that is told more than one run of its workflow takes', () => {
  const cleanup = new CleanupStack();
  let server: TemporalServer;
  let raw: Client;
  const keys = [new Secret(randomBytes(32).toString('base64'))] as const;
  const limits = { customise: 8, install: 8, postInstall: 8 };
  const rollout = (id: string, boards: number): Rollout => ({
    ...{ id, sites: [{ id: 'here', limits }], reinstall: false },
    boards: Array.from({ length: boards }, (_, index) => ({
      ...{ board: `${id}-${index}`, site: 'here', nodes: [{ node: 1, plan: '0'.repeat(64) }] },
    })),
    policy: { atOnce: 4, windows: [], retry: { attempts: 3, firstDelayMs: 1, maxDelayMs: 1 } },
  });
  const options = () => ({ address: server.address, fleet: 'crowded', keys, logger: silentLogger });
  let steps: ScriptedSteps;
  let orchestrator: TemporalOrchestrator;

  beforeAll(async () => {
    server = cleanup.use(
      'server',
      await TemporalServer.start({
        'history.maximumSignalsPerExecution': 20,
        'limit.historyCount.suggestContinueAsNew': 40,
      }),
    );
    const connection = await Connection.connect({ address: server.address });
    cleanup.defer('connection', () => connection.close());
    raw = new Client({ connection });
    orchestrator = cleanup.use('orchestrator', await TemporalOrchestrator.connect(options()));
    cleanup.use('controller', await startFleetController(options()));
    steps = new ScriptedSteps();
    cleanup.use('agent', await startFleetAgent({ ...options(), id: 'one', site: 'here', steps, limits }));
  }, 180_000);
  afterAll(() => cleanup[Symbol.asyncDispose]());

  const runsOf = async (id: string) => (await raw.workflow.count(`WorkflowId='crowded/rollout/${id}'`)).count;
  /** The list of what is there is made now and then only. */
  const until = (isSo: () => Promise<boolean>) => vi.waitUntil(isSo, { timeout: 120_000, interval: 100 });

  it('comes to its end, and misses nothing that was said', { timeout: 300_000 }, async () => {
    await orchestrator.start(rollout('many', 8));
    const { outcome, boards } = await orchestrator.ended('many', AbortSignal.timeout(280_000));
    expect(outcome).toBe('completed');
    expect(boards).toHaveLength(8);
    expect(boards.filter(({ state }) => state !== 'completed')).toEqual([]);
    await until(async () => (await runsOf('many')) > 2);
  });

  it('notices that a board was terminated that an earlier run has begun', { timeout: 300_000 }, async () => {
    steps.hold((name) => name.startsWith('torn-0/'));
    await orchestrator.start(rollout('torn', 8));
    await until(async () => (await runsOf('torn')) > 1);
    await raw.workflow.getHandle('crowded/board/torn-0').terminate();
    const { boards } = await orchestrator.ended('torn', AbortSignal.timeout(280_000));
    const failed = boards.filter(({ state }) => state !== 'completed');
    expect(failed).toMatchObject([{ board: 'torn-0', state: 'failed' }]);
    steps.release();
  });

  it('leaves its boards to end by themselves when it is terminated', { timeout: 180_000 }, async () => {
    steps.hold((name) => name.endsWith(' customise'));
    await orchestrator.start(rollout('gone', 1));
    await steps.until('gone-0/1 customise');
    await raw.workflow.getHandle('crowded/rollout/gone').terminate();
    steps.release();
    const ended = "WorkflowId='crowded/board/gone-0' and ExecutionStatus='Completed'";
    await until(async () => (await raw.workflow.count(ended)).count === 1);
  });
});
