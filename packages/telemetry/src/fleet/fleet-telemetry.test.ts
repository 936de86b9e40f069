import { silentLogger } from '@turingpi/core/plugin';
import type { FleetEvent, FleetStatus, ObservedStep, StepResult } from '@turingpi/fleet/orchestrator';
import { FleetError } from '@turingpi/fleet/orchestrator';
import { describe, expect, it, vi } from 'vitest';
import { imageStep, sampleCluster, samplePlugin } from '../../../core/src/cluster/sample-cluster.fixture.js';
import telemetry from '../index.js';
import { attributesOf, type OtlpReceiver, startReceiver } from '../otlp-receiver.fixture.js';
import { fleetTelemetry } from './fleet-telemetry.js';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SECRET = 'hunter2-hunter2';
const DONE: StepResult = { outcome: 'done', digests: {}, ids: {} };

/** One process of a fleet, whose environment names a receiver. */
async function observed(receiver: OtlpReceiver, more: Readonly<Record<string, string>> = {}) {
  const environment = {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    TRACEPARENT: `00-${TRACE_ID}-b7ad6b7169203331-01`,
    ...more,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  return (await fleetTelemetry.observe({ fleet: 'labs', environment, logger: silentLogger }))!;
}

const stepOf = (trace: string | undefined, node: 1 | 2 = 1): ObservedStep => ({
  ...{ rollout: 'first', board: 'rack1', node, step: 'install', site: 'north', agent: 'one' },
  ...(trace === undefined ? {} : { trace }),
});
const event = (number: number, happening: object) =>
  ({ number, rollout: 'first', at: new Date().toISOString(), ...happening }) as FleetEvent;

describe('a fleet with an endpoint', () => {
  it('is one trace of the rollout, its boards, the steps of agents, and the runs in them', async () => {
    await using receiver = await startReceiver();
    const operator = await observed(receiver);
    const trace = operator.begin('first');
    expect(trace).toMatch(new RegExp(`^00-${TRACE_ID}-[0-9a-f]{16}-01$`));

    const agent = await observed(receiver, { TRACEPARENT: '' }); // another process
    await agent.during(stepOf(trace), async () => {
      const { cluster } = await sampleCluster({ plugins: [samplePlugin, telemetry] });
      await cluster.runAll(
        cluster.run(async (context) => {
          await context.runPhase(imageStep());
        }),
        { nodes: [1], command: 'fleet first' },
      );
      await cluster[Symbol.asyncDispose]();
      return DONE;
    });
    await agent[Symbol.asyncDispose]();
    const where = { board: 'rack1', site: 'north' };
    operator.hear(event(1, { type: 'rollout:started' }));
    operator.hear(event(2, { type: 'board:started', ...where }));
    operator.hear(event(3, { type: 'board:ended', state: 'failed', ...where }));
    operator.hear(event(4, { type: 'rollout:ended', outcome: 'stopped' }));
    await operator[Symbol.asyncDispose]();

    const { spans } = receiver;
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE_ID]));
    const named = (name: string) => spans.find((span) => span.name === name)!;
    const [rollout, step, run] = ['turingpi fleet labs', 'rack1/1 install', 'turingpi fleet first'].map(
      named,
    );
    expect(rollout!.parentSpanId).toBe('b7ad6b7169203331');
    expect([named('board rack1').parentSpanId, step!.parentSpanId]).toEqual([
      rollout!.spanId,
      rollout!.spanId,
    ]);
    expect(run!.parentSpanId).toBe(step!.spanId);
    expect(attributesOf(step!)).toMatchObject({
      ...{ 'turingpi.rollout': 'first', 'turingpi.agent': 'one', 'turingpi.outcome': 'completed' },
    });
    expect(attributesOf(rollout!)).toMatchObject({ 'turingpi.fleet': 'labs', 'turingpi.outcome': 'failed' });
  });

  it('says why a step failed by its code, and nothing of what an error says', async () => {
    await using receiver = await startReceiver();
    const agent = await observed(receiver);
    const errors = [
      new FleetError('APPROVAL_MISSING', SECRET, { hint: SECRET }),
      new Error(SECRET),
      new DOMException(SECRET, 'AbortError'),
    ];
    for (const error of errors)
      await expect(agent.during(stepOf(undefined), () => Promise.reject(error))).rejects.toBe(error);
    await agent[Symbol.asyncDispose]();
    const told = receiver.spans
      .map(attributesOf)
      .map((each) => [each['turingpi.outcome'], each['error.type']]);
    // Each is sent when its step ends, and two may overtake each other.
    expect(told).toHaveLength(errors.length);
    expect(told).toEqual(
      expect.arrayContaining([
        ['failed', 'APPROVAL_MISSING'],
        ['failed', 'UNEXPECTED'],
        ['aborted', undefined],
      ]),
    );
    for (const { body } of receiver.requests) expect(body.includes(SECRET)).toBe(false);
  });

  it('counts boards by state, agents that are alive and rollouts, and measures steps', async () => {
    await using receiver = await startReceiver();
    const controller = await observed(receiver);
    const node = { node: 1, state: 'running' } as const;
    const board = (name: string, state: 'running' | 'completed') => ({
      board: name,
      site: 'north',
      state,
      nodes: [node],
    });
    const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();
    const status: FleetStatus = {
      rollouts: [
        {
          id: 'first',
          outcome: 'completed',
          boards: [board('rack1', 'completed'), board('rack2', 'completed')],
        },
        { id: 'second', boards: [board('rack1', 'running')] },
      ],
      agents: [
        { id: 'one', site: 'north', seenAt: ago(5) },
        { id: 'two', site: 'north', seenAt: ago(300) },
      ],
      draining: [],
    };
    controller.ask(() => Promise.resolve(status));
    await controller.during(stepOf(undefined), () => Promise.resolve(DONE));
    await controller.during(stepOf(undefined, 2), () => Promise.resolve({ ...DONE, outcome: 'skipped' }));
    await controller[Symbol.asyncDispose]();

    const pointsOf = (name: string) => {
      const { gauge, histogram } = receiver.metrics.find((metric) => metric.name === name)!;
      return (gauge ?? histogram)!.dataPoints;
    };
    const valuesOf = (name: string, by: string) =>
      Object.fromEntries(
        pointsOf(name).map(
          (point) => [String(attributesOf(point)[by]), Number(point.asInt ?? point.asDouble)] as const,
        ),
      );
    expect(valuesOf('turingpi.fleet.boards', 'turingpi.state')).toMatchObject({
      ...{ running: 1, completed: 1, failed: 0, waiting: 0 },
    });
    expect(valuesOf('turingpi.fleet.agents', 'turingpi.site')).toEqual({ north: 1 });
    expect(valuesOf('turingpi.fleet.rollouts', 'turingpi.fleet')).toEqual({ labs: 1 });
    const steps = pointsOf('turingpi.fleet.step.duration');
    expect(steps.map((point) => [attributesOf(point)['turingpi.outcome'], Number(point.count)])).toEqual([
      ['completed', 1],
      ['skipped', 1],
    ]);
    const [{ request }] = receiver.requests.filter(({ request: { url } }) => url === '/v1/metrics') as [
      (typeof receiver.requests)[number],
    ];
    expect(request.method).toBe('POST');
  });

  it('ends although nobody can be asked, and nobody answers', async () => {
    await using receiver = await startReceiver('never');
    const controller = await observed(receiver, { OTEL_EXPORTER_OTLP_TIMEOUT: '300' });
    controller.ask(() => Promise.reject(new Error('the engine is away')));
    const since = performance.now();
    await controller[Symbol.asyncDispose]();
    expect(performance.now() - since).toBeLessThan(5000);
  });
});

describe('a fleet without an endpoint', () => {
  it.each([
    ['nothing is said', {}],
    ['all is switched off', { OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }],
    [
      'each is switched off',
      {
        OTEL_TRACES_EXPORTER: 'none',
        OTEL_METRICS_EXPORTER: 'none',
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
      },
    ],
  ])('is not observed: %s', async (_, environment) => {
    expect(
      await fleetTelemetry.observe({ fleet: 'labs', environment, logger: silentLogger }),
    ).toBeUndefined();
  });

  it('hands no trace on where metrics alone are wanted', async () => {
    await using receiver = await startReceiver();
    const operator = await observed(receiver, { OTEL_TRACES_EXPORTER: 'none' });
    expect(operator.begin('first')).toBeUndefined();
    await operator.during(stepOf(undefined), () => Promise.resolve(DONE));
    await operator[Symbol.asyncDispose]();
    expect(receiver.requests.map(({ request }) => request.url)).toEqual(['/v1/metrics']);
  });
});
