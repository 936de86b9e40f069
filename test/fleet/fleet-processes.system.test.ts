import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireTemporal, TemporalServer } from '../../bench/fleet/temporal-server.js';
import { CleanupStack } from '@turingpi/foundation';
import { jsonLines } from '../support/site/run-cli.js';
import {
  attributesOf,
  type OtlpReceiver,
  startReceiver,
} from '../../packages/telemetry/src/otlp-receiver.fixture.js';
import { makeSite } from '../support/site/site.js';
import { FleetFolder, type FleetProcess, type Line } from './fleet-folder.js';

/*
 * The parts of a fleet as processes: Temporal, a controller, two agents of a site, and an operator. The steps build on each
 * other.
 */
const isFlashing = ({ type, step, part }: Line) =>
  type === 'step:progress' && step === 'install' && Number(part) > 0;
const { missing } = requireTemporal();
const LOST_AFTER_MS = 5000;
const PAGE = 'https://temporal.example:8080';

describe.skipIf(missing)('turingpi fleet, with an engine', () => {
  const cleanup = new CleanupStack();
  let folder: FleetFolder;
  let board: VirtualBoard;
  let receiver: OtlpReceiver;
  let secrets: readonly string[];
  let agents: readonly FleetProcess[];
  const said = (stdout: string): Line => jsonLines(stdout)[0] ?? {};

  beforeAll(async () => {
    receiver = cleanup.use('receiver', await startReceiver());
    const telemetry = {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_METRIC_EXPORT_INTERVAL: '3000',
    };
    folder = cleanup.use(
      'folder',
      await FleetFolder.make(['fleet-temporal', 'telemetry'], { environment: telemetry }),
    );
    const server = cleanup.use('temporal', await TemporalServer.start());
    const site = cleanup.use('site', await makeSite());
    board = await startVirtualBoard({
      dir: path.join(site.directory, 'board'),
      nodes: [{ board: 'rk1' }],
      clock: { scale: 200 },
      emmcSizeBytes: 80 << 20,
      emmcBytesPerSecond: 24 << 20,
      httpPort: 'off',
    });
    cleanup.use('board', board);
    await site.configure(board);
    const privateKey = await readFile(site.privateKeyFile, 'utf8');
    secrets = [site.userPassword, privateKey.split('\n')[2]!];
    await folder.write({
      fleet: 'labs',
      engine: { temporal: { address: server.address, lostAfterMs: LOST_AFTER_MS, page: PAGE } },
      sites: { north: {}, south: {} },
      boards: { rack1: { site: 'north', configuration: site.configFile } },
    });
    const started = await Promise.all([
      folder.start('controller'),
      ...['one', 'two'].map((name) => folder.start('agent', '--site', 'north', '--name', name)),
    ]);
    agents = started.slice(1);
  }, 120_000);
  afterAll(() => cleanup[Symbol.asyncDispose]());

  it('lists the agents, and the site that has none', async () => {
    const { stdout } = await folder.run('agents');
    const { agents: known, unserved } = said(stdout) as { agents: { id: string }[]; unserved: string[] };
    expect(known.map(({ id }) => id).sort()).toEqual(['one', 'two']);
    expect(unserved).toEqual(['south']);
  });

  it('carries a plan out; an agent that is told to end finishes what it does, and the other goes on', async () => {
    const planned = await folder.run('plan', '-o', 'plan.json');
    expect(planned, planned.stderr).toMatchObject({ exitCode: 6 });
    const signed = ['--operator', 'ada', '--key', 'ada.pem', '-o', 'ok.json'];
    const approved = await folder.run('approve', 'plan.json', ...signed);
    expect(approved, approved.stderr).toMatchObject({ exitCode: 0 });
    const up = folder.run('up', 'plan.json', '--approvals', 'ok.json');
    const told = await Promise.race(agents.map((agent) => agent.line(isFlashing).then(() => agent)));
    expect(await told.end('SIGTERM')).toBe(130);
    expect(told.lines).toContainEqual({ type: 'agent:stopping', running: 1 });
    expect(told.lines.at(-1)).toMatchObject({ type: 'step:completed', step: 'install', outcome: 'done' });
    const { exitCode, stdout, stderr } = await up;
    expect(exitCode, `${stdout}${stderr}`).toBe(0);
    const other = agents.find((agent) => agent !== told)!;
    expect(other.lines).toContainEqual(
      expect.objectContaining({ type: 'step:completed', step: 'postInstall', board: 'rack1', node: 1 }),
    );
    expect(board.findings).toEqual([]);
    const status = said((await folder.run('status')).stdout);
    expect(status['rollouts']).toMatchObject([
      { outcome: 'completed', boards: [{ board: 'rack1', state: 'completed' }] },
    ]);
  }, 180_000);

  it('is looked at on a page of its own, and rollouts are told from their beginning', async () => {
    const watching = folder.begin(['watch', '--page']);
    const { url } = await watching.line(({ type }) => type === 'page');
    const view = await firstView(String(url));
    expect(view).toMatchObject({
      ...{ fleet: 'labs', engine: { name: 'temporal', page: `${PAGE}/namespaces/default/workflows` } },
      rollouts: [{ state: 'completed', atOnce: 1, startedAt: expect.any(String) as string }],
      sites: [{ site: 'north', draining: false }, { site: 'south' }],
    });
    const [north] = (view as { sites: { boards: unknown; agents: { agent: string; alive: boolean }[] }[] })
      .sites;
    expect(north!.boards).toMatchObject([
      {
        ...{ board: 'rack1', state: 'completed', nodes: [{ node: 1, state: 'completed' }] },
        page: `${PAGE}/namespaces/default/workflows/labs%2Fboard%2Frack1`,
      },
    ]);
    expect(north!.agents).toContainEqual(expect.objectContaining({ alive: true }));
    expect(await watching.end('SIGINT')).toBe(130);

    const told = jsonLines((await folder.run('watch')).stdout).map(({ type }) => type);
    expect([told[0], told.at(-1)]).toEqual(['rollout:started', 'rollout:ended']);
  });

  it('is told as traces and metrics, across its processes and without a secret', async () => {
    const { spans } = receiver;
    const rollouts = spans.filter(({ name }) => name === 'turingpi fleet labs');
    expect(rollouts.map((span) => attributesOf(span)['turingpi.outcome'])).toEqual(['completed']);
    const [first] = rollouts;
    const steps = spans.filter(({ parentSpanId }) => parentSpanId === first!.spanId);
    expect(
      steps
        .map(({ name }) => name)
        .filter((name) => name.startsWith('rack1/1'))
        .sort(),
    ).toEqual(expect.arrayContaining(['rack1/1 customise', 'rack1/1 install', 'rack1/1 postInstall']));
    const install = steps.find(({ name }) => name === 'rack1/1 install')!;
    const runs = spans.filter(({ parentSpanId }) => parentSpanId === install.spanId);
    expect(runs.map(({ name }) => name)).toEqual([expect.stringMatching(/^turingpi fleet \d{8}T/)]);
    await expect
      .poll(() => receiver.metrics.map(({ name }) => name))
      .toEqual(
        expect.arrayContaining([
          ...['boards', 'agents', 'rollouts', 'step.duration'].map((name) => `turingpi.fleet.${name}`),
        ]),
      );
    for (const { body } of receiver.requests)
      for (const secret of secrets) expect(body.includes(secret)).toBe(false);
  });

  it('refuses what it does not know', async () => {
    const refused = [
      [['cancel', 'none'], 'ROLLOUT_UNKNOWN'],
      [['watch', 'none'], 'ROLLOUT_UNKNOWN'],
      [['status', 'none'], 'ROLLOUT_UNKNOWN'],
      [['drain', 'west'], 'SITE_UNKNOWN'],
      [['agent', '--site', 'west'], 'SITE_UNKNOWN'],
      [['agent'], 'FLEET_USAGE'],
    ] as const;
    const answers = await Promise.all(refused.map(([words]) => folder.run(...words)));
    for (const [index, [words, code]] of refused.entries()) {
      const { exitCode, stdout, stderr } = answers[index]!;
      expect([exitCode !== 0, `${stdout}${stderr}`], words.join(' ')).toEqual([
        true,
        expect.stringContaining(code),
      ]);
    }
  });
});

/** The first picture that somebody gets who opens the page. */
async function firstView(url: string): Promise<unknown> {
  const { origin, searchParams } = new URL(url);
  const headers = { origin, authorization: `Bearer ${searchParams.get('token')!}` };
  const session = await (await fetch(`${origin}/session`, { method: 'POST', headers })).text();
  const stream = await fetch(`${origin}/events`, { headers: { authorization: `Bearer ${session}` } });
  let text = '';
  for await (const chunk of stream.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const [, data] = /^data: (.*)$/m.exec(text) ?? [];
    if (data !== undefined && text.includes(`${data}\n\n`)) return JSON.parse(data) as unknown;
  }
  throw new Error(`nothing was told: ${text}`);
}
