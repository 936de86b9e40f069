import { randomBytes, randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import proto, { type temporal } from '@temporalio/proto';
import { CleanupStack, Secret, silentLogger } from '@turingpi/core/plugin';
import { ScriptedSteps } from '@turingpi/fleet/conformance';
import type { Rollout } from '@turingpi/fleet/orchestrator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireTemporal, TemporalServer } from '../../../bench/fleet/temporal-server.js';
import { type CodecPayload, SealingCodec } from './codec/sealing-codec.js';
import { TemporalOrchestrator } from './temporal-orchestrator.js';
import { startFleetAgent } from './worker/fleet-agent.js';
import { startFleetController } from './worker/fleet-controller.js';
import type { RunningWorkers } from './worker/running-workers.js';
import { USUAL_TIMINGS } from './workflow/step-timings.js';

const { CommandType, EventType } = proto.temporal.api.enums.v1;
const { missing } = requireTemporal();
const PATIENCE = () => AbortSignal.timeout(50_000);
const newKey = () => new Secret(randomBytes(32).toString('base64'));
const clear = (value: unknown) => defaultPayloadConverter.toPayload(value);

/** What a stranger writes: Temporal lets whoever may use the namespace write anything anywhere. */
const STRANGE: readonly (readonly [string, readonly CodecPayload[]])[] = [
  ['nothing', []],
  ['a task in clear', [clear({ board: 'lab1', node: 1 }), clear({})]],
  [
    'what looks encrypted',
    [
      {
        metadata: { encoding: Buffer.from('binary/turingpi-sealed'), key: Buffer.from('0'.repeat(16)) },
        data: randomBytes(64),
      },
    ],
  ],
  ['no metadata', [{ data: randomBytes(64) }]],
  ['an empty payload', [{}]],
  ['a large one', [{ metadata: { encoding: Buffer.from('binary/plain') }, data: randomBytes(1_900_000) }]],
  ['many', Array.from({ length: 500 }, () => clear(null))],
];

describe.skipIf(missing)('a fleet whose Temporal others write to', () => {
  const cleanup = new CleanupStack();
  const key = newKey();
  let server: TemporalServer;
  let raw: Client;
  let orchestrator: TemporalOrchestrator;
  let steps: ScriptedSteps;
  const workers: RunningWorkers[] = [];
  const options = () => ({
    ...{ address: server.address, fleet: 'labs', keys: [key] as const, logger: silentLogger },
    timings: { ...USUAL_TIMINGS, lostAfterMs: 3000 },
  });

  beforeAll(async () => {
    server = cleanup.use('server', await TemporalServer.start());
    const connection = await Connection.connect({ address: server.address });
    cleanup.defer('connection', () => connection.close());
    raw = new Client({ connection });
    orchestrator = cleanup.use('orchestrator', await TemporalOrchestrator.connect(options()));
    steps = new ScriptedSteps();
    const agent = await startFleetAgent({ ...options(), id: 'one', site: 'here', steps });
    workers.push(agent, await startFleetController(options()));
    for (const each of workers) cleanup.use('worker', each);
  }, 120_000);
  afterAll(() => cleanup[Symbol.asyncDispose]());

  /** A rollout over boards with a node each comes to its good end, by all who have worked so far. */
  const isWell = async (...boards: string[]) => {
    const id = `well-${randomUUID()}`;
    await orchestrator.start(rolloutOver(id, ...boards));
    const { outcome } = await orchestrator.ended(id, PATIENCE());
    const stillRun = Symbol('run');
    for (const { ended } of workers)
      expect(await Promise.race([ended, Promise.resolve(stillRun)])).toBe(stillRun);
    return outcome;
  };

  it('has agents that refuse what a stranger puts into their queues, and go on', async () => {
    for (const [, payloads] of STRANGE) {
      const failed = await strangeActivity(raw, 'labs.site.here.flash', 'install', payloads);
      expect(failed?.failure?.applicationFailureInfo?.type).toBe('FLEET_PAYLOAD_UNREADABLE');
    }
    const unknown = await strangeActivity(raw, 'labs.site.here.flash', 'rm', []);
    expect(unknown?.failure).toBeDefined();
    expect(steps.begun).toEqual([]);
    expect(await isWell('lab1')).toBe('completed');
  }, 120_000);

  it('has agents that do no task which is none, although it is encrypted as it should be', async () => {
    const codec = new SealingCodec([key]);
    const before = steps.begun.length;
    const task = { rollout: 'r', board: 'lab1', node: 1, plan: '1'.repeat(64), reinstall: false };
    const limits = { customise: 1, install: 1, postInstall: 1 };
    for (const [wrong, site] of [
      [null, limits],
      [7, limits],
      [{}, limits],
      [{ ...task, board: '../../etc' }, limits],
      [{ ...task, rollout: '\u001b[2J' }, limits],
      [{ ...task, node: 5 }, limits],
      [{ ...task, node: '1' }, limits],
      [{ ...task, reinstall: 'yes' }, limits],
      [{ ...task, plan: 'p'.repeat(1_000_000) }, limits],
      [{ ...task, trace: 'x' }, limits],
      [task, null],
      [task, { ...limits, install: 0 }],
      [task, { ...limits, install: -1 }],
    ]) {
      const sealed = await codec.encode([clear(wrong), clear(site)]);
      const failed = await strangeActivity(raw, 'labs.site.here.flash', 'install', sealed);
      const [details] = await codec.decode([
        ...(failed?.failure?.applicationFailureInfo?.details?.payloads ?? []),
      ]);
      expect(
        details && defaultPayloadConverter.fromPayload(details),
        JSON.stringify([wrong, site]).slice(0, 100),
      ).toMatchObject({ code: 'FLEET_PAYLOAD_UNREADABLE', retryable: false });
    }
    expect(steps.begun).toHaveLength(before);
    expect(await isWell('lab1')).toBe('completed');
  }, 120_000);

  it('has a controller that is not stopped by strange workflows, signals and questions, and a status of all others', async () => {
    const taskQueue = 'labs.fleet';
    const start = (type: string, workflowId: string, args: readonly unknown[] = []) =>
      raw.workflow.start(type, { workflowId, taskQueue, args: [...args], memo: { digest: 'in clear' } });
    await start('rolloutWorkflow', 'labs/rollout/strange', [{ rollout: { boards: [] } }]);
    await start('rolloutWorkflow', 'labs/rollout/none');
    await start('rolloutWorkflow', 'short');
    await start('rolloutWorkflow', 'labs/rollout/\u001b[2J');
    await start('boardWorkflow', 'labs/board/strange', ['x'.repeat(1_000_000)]);
    await start('planWorkflow', 'labs/plan/strange', [null]);
    await start('nobodysWorkflow', 'nobody');
    const drained = await start('drainWorkflow', 'west');
    await drained.signal('resume', { never: 'ending' });
    await raw.workflow.getHandle('labs/rollout/strange').signal('happened', 'x');
    const ask = () => raw.workflow.getHandle('labs/rollout/strange').query('__stack_trace');
    await expect(raw.connection.withDeadline(Date.now() + 2000, ask)).rejects.toThrow();
    expect(await isWell('lab1')).toBe('completed');
    const { rollouts, draining, unreadable } = await orchestrator.status();
    expect(rollouts.map(({ outcome }) => outcome)).toEqual(rollouts.map(() => 'completed'));
    expect(rollouts.length).toBeGreaterThan(0);
    expect([draining, [...(unreadable ?? [])].sort()]).toEqual([[], ['none', 'strange']]);
  }, 120_000);

  it('lists those who wait as agents do, and nobody whose name steers a terminal', async () => {
    for (const identity of ['here/\u001b[2Jtwo', 'no-site', '/x', `here/${'x'.repeat(5000)}`])
      raw.workflowService
        .pollActivityTaskQueue({ namespace: 'default', taskQueue: { name: 'labs.agents' }, identity })
        .catch(() => undefined); // it is refused, or waits until the server is gone
    await expect
      .poll(async () => (await orchestrator.status()).agents.map(({ id }) => id), { timeout: 20_000 })
      .toEqual(['one']);
  }, 60_000);

  it('is not held up by an agent with another key: that one says so, and the next attempt is for others', async () => {
    const other = new ScriptedSteps();
    const wrong = { ...options(), keys: [newKey()] as const, id: 'two', site: 'there', steps: other };
    const stranger = await startFleetAgent(wrong);
    const id = 'wrong-key';
    await orchestrator.start({
      ...rolloutOver(id, 'lab9'),
      sites: [SITE('there')],
      boards: [{ ...BOARD('lab9'), site: 'there' }],
      policy: { ...POLICY, retry: { attempts: 50, firstDelayMs: 100, maxDelayMs: 200 } },
    });
    for await (const event of orchestrator.events(id, { after: 0, signal: PATIENCE() }))
      if (event.type === 'step:failed') {
        expect(event.failure).toMatchObject({
          code: 'FLEET_PAYLOAD_UNREADABLE',
          hint: expect.stringContaining('TPI_FLEET_KEY') as string,
        });
        break;
      }
    await expect(
      orchestrator.plan('there', { board: 'lab9', reinstall: false }, PATIENCE()),
    ).rejects.toMatchObject({ message: expect.stringContaining('FLEET_PAYLOAD_UNREADABLE') as string });
    await stranger[Symbol.asyncDispose]();
    cleanup.use('right', await startFleetAgent({ ...wrong, keys: [key] }));
    expect((await orchestrator.ended(id, PATIENCE())).outcome).toBe('completed');
    expect(other.begun).toEqual(['lab9/1 customise', 'lab9/1 install', 'lab9/1 postInstall']);
  }, 120_000);

  it('goes on when one of two controllers ends in the middle', async () => {
    const second = await startFleetController(options());
    steps.hold((name) => name.endsWith('install'));
    const id = 'two-controllers';
    await orchestrator.start(rolloutOver(id, 'lab1', 'lab2', 'lab3', 'lab4'));
    const held = await steps.next((name) => name.endsWith('install'));
    await second[Symbol.asyncDispose]();
    steps.hold(() => false);
    held.finish();
    steps.release();
    const { outcome, boards } = await orchestrator.ended(id, PATIENCE());
    expect([outcome, boards.length]).toEqual(['completed', 4]);
    const tasks = steps.tasks.filter(({ rollout }) => rollout === id);
    expect(tasks).toHaveLength(12);
  }, 120_000);

  it('refuses a rollout that is too large for one message, and says what to do', async () => {
    const boards = Array.from({ length: 60_000 }, (_, index) => `board-${index}`);
    for (const count of [30_000, 60_000]) {
      await expect(
        orchestrator.start(rolloutOver(`large-${count}`, ...boards.slice(0, count))),
      ).rejects.toMatchObject({
        code: 'ROLLOUT_INVALID',
        hint: expect.stringContaining('--labels') as string,
      });
    }
  }, 120_000);
});

const POLICY = { atOnce: 4, windows: [], retry: { attempts: 3, firstDelayMs: 1, maxDelayMs: 10 } } as const;
const SITE = (id: string) => ({ id, limits: { customise: 4, install: 4, postInstall: 4 } });
const BOARD = (board: string) => ({
  board,
  site: 'here',
  nodes: [{ node: 1 as const, plan: '1'.repeat(64) }],
});

function rolloutOver(id: string, ...boards: readonly string[]): Rollout {
  return { id, sites: [SITE('here')], boards: boards.map(BOARD), reinstall: false, policy: POLICY };
}

/** Has a queue handed a task by a workflow of a stranger, who carries that one out by hand. @returns How it failed. */
async function strangeActivity(
  { workflow, workflowService, connection }: Client,
  queue: string,
  type: string,
  payloads: readonly CodecPayload[],
): Promise<temporal.api.history.v1.IActivityTaskFailedEventAttributes | null | undefined> {
  const [namespace, own] = ['default', `stranger-${randomUUID()}`];
  await workflow.start('strange', { workflowId: own, taskQueue: own });
  const next = () =>
    connection.withDeadline(Date.now() + 40_000, () =>
      workflowService.pollWorkflowTaskQueue({ namespace, taskQueue: { name: own } }),
    );
  const answer = (taskToken: Uint8Array, commands: temporal.api.command.v1.ICommand[]) =>
    workflowService.respondWorkflowTaskCompleted({ namespace, taskToken, commands });
  const { taskToken } = await next();
  await answer(taskToken, [
    {
      commandType: CommandType.COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK,
      scheduleActivityTaskCommandAttributes: {
        ...{ activityId: '1', activityType: { name: type }, taskQueue: { name: queue } },
        input: { payloads: [...payloads] },
        scheduleToCloseTimeout: { seconds: 30 as unknown as Long },
        retryPolicy: { maximumAttempts: 1 },
      },
    },
  ]);
  const { taskToken: last, history } = await next();
  await answer(last, [
    {
      commandType: CommandType.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION,
      completeWorkflowExecutionCommandAttributes: {},
    },
  ]);
  const failed = history?.events?.find(
    ({ eventType }) => eventType === EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED,
  );
  return failed?.activityTaskFailedEventAttributes;
}
