import { randomBytes } from 'node:crypto';
import { CleanupStack, Secret, silentLogger } from '@turingpi/core/plugin';
import { ScriptedSteps } from '@turingpi/fleet/conformance';
import type { NodePlan } from '@turingpi/fleet/orchestrator';
import { startFleetAgent, TemporalOrchestrator } from '@turingpi/fleet-temporal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireTemporal, TemporalServer } from '../../bench/fleet/temporal-server.js';
import { startCli } from '../support/site/run-cli.js';
import { FleetFolder } from './fleet-folder.js';

/** An agent that is asked for a plan and does not answer until it is released, and whose steps do not hear that they are cancelled. */
class SlowSteps extends ScriptedSteps {
  asked: () => void = () => undefined;
  told: () => void = () => undefined;
  readonly #late = late();

  override async plan(): Promise<readonly NodePlan[]> {
    this.asked();
    await this.#late.promise;
    return [];
  }

  override release(): void {
    this.#late.resolve();
    super.release();
  }

  override install(...[task, context]: Parameters<ScriptedSteps['install']>) {
    context.signal.addEventListener('abort', () => this.told());
    return super.install(task, { ...context, signal: new AbortController().signal });
  }
}

describe.skipIf(requireTemporal().missing)('Ctrl-C in a command of a fleet with an engine', () => {
  const cleanup = new CleanupStack();
  const key = randomBytes(32).toString('base64');
  const steps = new SlowSteps();
  let folder: FleetFolder;
  let orchestrator: TemporalOrchestrator;
  const id = 'held';

  beforeAll(async () => {
    const environment = { TPI_FLEET_KEY: key };
    folder = cleanup.use('folder', await FleetFolder.make(['fleet-temporal'], { environment }));
    const temporal = cleanup.use('temporal', await TemporalServer.start());
    const { address } = temporal;
    await folder.write({
      fleet: 'labs',
      engine: { temporal: { address } },
      sites: { here: {} },
      boards: { lab1: { site: 'here' } },
    });
    const options = { address, fleet: 'labs', keys: [new Secret(key)] as const, logger: silentLogger };
    orchestrator = cleanup.use('orchestrator', await TemporalOrchestrator.connect(options));
    await folder.start('controller');
    cleanup.use('agent', await startFleetAgent({ ...options, id: 'one', site: 'here', steps }));
    cleanup.defer('steps', () => steps.release()); // before the agent, which waits for them
    steps.hold((name) => name.endsWith('install'));
    const limits = { customise: 1, install: 1, postInstall: 1 };
    await orchestrator.start({
      ...{ id, sites: [{ id: 'here', limits }], reinstall: false },
      boards: [{ board: 'lab1', site: 'here', nodes: [{ node: 1, plan: '1'.repeat(64) }] }],
      policy: { atOnce: 1, windows: [], retry: { attempts: 1, firstDelayMs: 1, maxDelayMs: 1 } },
    });
    await steps.until('lab1/1 install');
  }, 120_000);
  afterAll(() => cleanup[Symbol.asyncDispose]());

  /** Presses Ctrl-C once a command is where it is meant to be. */
  const interrupted = async (words: readonly string[], ready: (said: () => string) => Promise<unknown>) => {
    const child = startCli(['fleet', ...words], {
      cwd: folder.directory,
      env: { TPI_FLEET_KEY: key },
      stderr: 'pipe',
    });
    let said = '';
    for (const stream of [child.stdout!, child.stderr!])
      stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const code = new Promise((resolve) => child.once('close', resolve));
    await ready(() => said);
    child.kill('SIGINT');
    return { code: await code, said };
  };
  const says = (what: string) => (said: () => string) =>
    expect.poll(said, { timeout: 30_000 }).toContain(what);

  it('ends the watching, and says that the rollout goes on', async () => {
    const { code, said } = await interrupted(['watch', id], says('lab1/1 install started'));
    expect([code, said]).toEqual([130, expect.stringContaining(`rollout ${id} goes on`)]);
  }, 60_000);

  it('ends the asking for a plan', async () => {
    const asked = new Promise<void>((resolve) => (steps.asked = resolve));
    const { code, said } = await interrupted(['plan'], () => asked);
    expect([code, said]).toEqual([130, expect.stringContaining('nothing was changed')]);
  }, 60_000);

  it('ends the waiting for what was cancelled, and says that it ends all the same', async () => {
    const told = new Promise<void>((resolve) => (steps.told = resolve));
    const { code, said } = await interrupted(['cancel', id], () => told);
    expect([code, said]).toEqual([130, expect.stringContaining('is told to end all the same')]);
    steps.release();
    expect((await orchestrator.ended(id, AbortSignal.timeout(50_000))).outcome).toBe('cancelled');
  }, 60_000);
});

function late(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
