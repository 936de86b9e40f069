import { execFile } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { Node1, type Plugin, type Workflow } from '@turingpi/core';
import type { Logger } from '@turingpi/core/plugin';
import { describe, expect, it, vi } from 'vitest';
import {
  actionsStep,
  imageStep,
  installationStep,
  samplePlugin,
  sampleCluster,
} from '../../core/src/cluster/sample-cluster.fixture.js';
import { attributesOf, startReceiver } from './otlp-receiver.fixture.js';
import telemetry, { telemetryPlugin } from './index.js';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';

const everything: Workflow = async (context) => {
  await context.runPhase(imageStep());
  await context.runPhase(installationStep());
  await context.runJournaledPhase(actionsStep(['a', 'b'], []));
};

/** A cluster with the plugin, whose environment says what it is to do; what the plugin logs is in `warnings`. */
async function tracedCluster(environment: Record<string, string>, plugin: Plugin = telemetry) {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  const warnings: string[] = [];
  const note = () => undefined;
  const logger: Logger = {
    ...{ trace: note, debug: note, info: note, error: note, fatal: note },
    warn: (_: unknown, text?: string) => void warnings.push(text ?? ''),
    child: () => logger,
  };
  const sample = await sampleCluster({ plugins: [samplePlugin, plugin] }, { logger });
  return { ...sample, warnings };
}

describe('a run with an endpoint', () => {
  it('is a trace there, sent when the cluster is disposed', async () => {
    await using receiver = await startReceiver();
    const { cluster, warnings } = await tracedCluster({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=lab',
      OTEL_SERVICE_NAME: 'nightly',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=lab',
      TRACEPARENT: `00-${TRACE_ID}-b7ad6b7169203331-01`,
    });
    const { runId } = await cluster.runAll(cluster.run(everything), { command: 'up' });
    await cluster[Symbol.asyncDispose]();

    expect(warnings).toEqual([]);
    expect(receiver.requests[0]!.request).toMatchObject({ method: 'POST', url: '/v1/traces' });
    expect(receiver.requests[0]!.request.headers).toMatchObject({ 'x-tenant': 'lab' });
    expect(receiver.resource).toMatchObject({ 'service.name': 'nightly', 'deployment.environment': 'lab' });
    const { spans } = receiver;
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE_ID]));
    const run = spans.find(({ name }) => name === 'turingpi up')!;
    expect(run.parentSpanId).toBe('b7ad6b7169203331');
    expect(attributesOf(run)).toMatchObject({ 'turingpi.run.id': runId, 'turingpi.outcome': 'completed' });
    for (const node of ['node 1', 'node 2']) {
      const { spanId, parentSpanId } = spans.find(({ name }) => name === node)!;
      expect(parentSpanId).toBe(run.spanId);
      const phases = spans.filter((span) => span.parentSpanId === spanId);
      expect(phases.map(({ name }) => name)).toEqual([
        ...['image_customization', 'os_installation', 'post_installation'],
      ]);
      const actions = spans.filter((span) => span.parentSpanId === phases[2]!.spanId);
      expect(actions.map(({ name }) => name)).toEqual(['remote.runCommand', 'remote.runCommand']);
    }
    for (const { startTimeUnixNano, endTimeUnixNano } of spans)
      expect(BigInt(endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(startTimeUnixNano));
  });

  it('is sent as Protobuf unless asked otherwise, by the name of turingpi', async () => {
    await using receiver = await startReceiver();
    const { cluster } = await tracedCluster({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.url}/otlp` });
    await cluster.runAll(cluster.run(everything));
    await cluster[Symbol.asyncDispose]();
    const [{ request, body }] = receiver.requests as [(typeof receiver.requests)[number]];
    expect(request.url).toBe('/otlp');
    expect(request.headers['content-type']).toBe('application/x-protobuf');
    expect(body.includes('turingpi.run.id')).toBe(true);
    expect(/service\.name\W+turingpi/.test(body.toString('latin1'))).toBe(true);
  });

  it('says why a phase failed, without what the error keeps to itself', async () => {
    await using receiver = await startReceiver();
    const { cluster } = await tracedCluster({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    });
    const step = imageStep({ run: () => Promise.reject(new Error('no room')) });
    const fails = cluster.run(async (context) => {
      await context.runPhase(step);
    });
    await expect(fails(Node1)).rejects.toThrow();
    await cluster[Symbol.asyncDispose]();
    const phase = receiver.spans.find(({ name }) => name === 'image_customization')!;
    expect(phase.status).toEqual({
      code: 2,
      message: expect.stringMatching(/^PHASE_FAILED: .*no room/) as string,
    });
    expect(attributesOf(phase)).toMatchObject({ 'error.type': 'PHASE_FAILED', 'turingpi.outcome': 'failed' });
  });

  it('has ended spans also when it is left in the middle', async () => {
    await using receiver = await startReceiver();
    const { cluster } = await tracedCluster({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    });
    const [begun, left] = [new EventEmitter(), new EventEmitter()];
    const step = imageStep({
      run: async () => {
        begun.emit('now');
        await once(left, 'now');
        throw new Error('left');
      },
    });
    const inPhase = once(begun, 'now');
    const run = cluster.run(async (context) => {
      await context.runPhase(step);
    })(Node1);
    await inPhase;
    await cluster[Symbol.asyncDispose]();
    expect(receiver.spans.map(({ name }) => name)).toEqual([
      ...['image_customization', 'node 1', 'turingpi program'],
    ]);
    for (const span of receiver.spans) expect(attributesOf(span)['turingpi.outcome']).toBe('unfinished');
    left.emit('now');
    await expect(run).rejects.toThrow();
    expect(receiver.requests).toHaveLength(1); // what comes later is nobody's
  });
});

describe('a receiver that takes nothing', () => {
  it.each(['refuses', 'answers 503', 'never answers'])('does not matter to the run: it %s', async (what) => {
    await using receiver = await startReceiver(what === 'answers 503' ? 503 : 'never');
    const { cluster, warnings } = await tracedCluster({
      OTEL_EXPORTER_OTLP_ENDPOINT: what === 'refuses' ? `http://127.0.0.1:${await freePort()}` : receiver.url,
      OTEL_EXPORTER_OTLP_TIMEOUT: '300',
    });
    const { completed } = await cluster.runAll(cluster.run(everything));
    expect(completed).toBe(true);
    await cluster[Symbol.asyncDispose]();
    expect(warnings).toEqual([expect.stringMatching(/^traces could not be exported: ./) as string]);
  });
});

describe('without an endpoint', () => {
  it.each([
    ['nothing is said', {}],
    ['exporting is switched off', { OTEL_TRACES_EXPORTER: 'none' }],
    [
      'all of it is switched off',
      { OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' },
    ],
  ])('nothing happens: %s', async (_, environment) => {
    const { cluster, warnings } = await tracedCluster({
      ...{ OTEL_EXPORTER_OTLP_ENDPOINT: '', OTEL_TRACES_EXPORTER: '' },
      ...environment,
    });
    await cluster.runAll(cluster.run(everything));
    await cluster[Symbol.asyncDispose]();
    expect(warnings).toEqual([]);
  });

  it('says what it does not understand', async () => {
    const { cluster, warnings } = await tracedCluster({ OTEL_TRACES_EXPORTER: 'zipkin' });
    await cluster[Symbol.asyncDispose]();
    expect(warnings).toEqual([expect.stringContaining('zipkin') as string]);
  });
});

it("makes spans by a program's own provider, whatever the environment says, and leaves it as it is", async () => {
  const exporter = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const { cluster } = await tracedCluster({ OTEL_SDK_DISABLED: 'true' }, telemetryPlugin({ tracerProvider }));
  await cluster.runAll(cluster.run(everything), { nodes: [Node1] });
  await cluster[Symbol.asyncDispose]();
  expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual([
    ...['image_customization', 'os_installation', 'remote.runCommand', 'remote.runCommand'],
    ...['post_installation', 'node 1', 'turingpi program'],
  ]);
});

describe('the process of a run', () => {
  it('loads nothing of OpenTelemetry without an endpoint, nor before a run begins', async () => {
    expect(await runChild({}, 'run')).toMatchObject({ loaded: 0 });
    expect(await runChild({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }, 'look')).toMatchObject({
      loaded: 0,
    });
  });

  it('ends although the receiver never answers and its user allows a minute', async () => {
    await using receiver = await startReceiver('never');
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_EXPORTER_OTLP_TIMEOUT: '60000' };
    const { loaded } = await runChild(environment, 'run'); // which is killed after 20 s
    expect(loaded).toBeGreaterThan(0);
    expect(receiver.requests).toHaveLength(1);
  });
});

/** A run of a node in a process of its own, by the built package; says how many files of OpenTelemetry it has loaded. */
async function runChild(
  environment: Record<string, string>,
  what: 'run' | 'look',
): Promise<{ loaded: number }> {
  const program = `
    import { mkdtempSync, rmSync } from 'node:fs';
    import { createRequire } from 'node:module';
    import os from 'node:os';
    import path from 'node:path';
    import { createTuringPi } from '@turingpi/core';
    import { defineExtensionPoint, definePlugin } from '@turingpi/core/plugin';
    import telemetry from '@turingpi/telemetry';
    const cacheDir = mkdtempSync(path.join(os.tmpdir(), 'turingpi-telemetry-'));
    const boards = defineExtensionPoint({ key: 'boards', title: 'board', nodeKey: 'board' });
    const board = definePlugin({ name: 'board', extensionPoints: [boards], boards: [{ id: 'rk1', title: 'a board' }] });
    const node1 = { ip: '10.0.0.11', board: 'rk1' };
    const cluster = await createTuringPi({ ip: '10.0.0.2', node1, cacheDir, plugins: [board, telemetry] });
    if (process.argv.at(-1) === 'run')
      await cluster.run((context) =>
        context.runJournaledPhase({
          id: 'post_installation', inputs: {}, installationId: 'one',
          run: (_, journal) => journal.perform('remote.runCommand', {}, async () => ({ changed: true })),
        }),
      )(1);
    await cluster[Symbol.asyncDispose]();
    rmSync(cacheDir, { recursive: true });
    const { cache } = createRequire(import.meta.url);
    const loaded = Object.keys(cache).filter((file) => file.includes('opentelemetry')).length;
    console.log(JSON.stringify({ loaded }));
  `;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', program, '--', what],
    {
      cwd: path.join(import.meta.dirname, '..'),
      env: { PATH: process.env['PATH'], ...environment },
      timeout: 20_000,
    },
  );
  return JSON.parse(stdout) as { loaded: number };
}

/** A port on which nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
