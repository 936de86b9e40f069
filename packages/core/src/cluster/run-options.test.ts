import { TuringPiError } from '@turingpi/foundation';
import { describe, expect, it } from 'vitest';
import { PhaseError } from '../errors/phase-error.js';
import type { Context } from './context.js';
import { delayBefore, isWorthRetry } from './retry.js';
import {
  actionsStep,
  imageStep,
  installationStep,
  rejection,
  type SampleCluster,
  sampleCluster,
} from './sample-cluster.fixture.js';
import type { RunOptions } from './workflow.js';

/** All three phases of a node; what is done is noted with the node's number. */
function threePhases(log: string[], fails: (what: string) => unknown = () => undefined) {
  return async (context: Context): Promise<void> => {
    const { id } = context.node;
    const note = (what: string) => {
      log.push(`${what} ${id}`);
      const failure = fails(`${what} ${id}`);
      if (failure !== undefined) throw failure as Error;
    };
    const image = imageStep();
    await context.runPhase({ ...image, run: (environment) => (note('image'), image.run(environment)) });
    const installation = installationStep();
    await context.runPhase({
      ...installation,
      run: (environment) => (note('install'), installation.run(environment)),
    });
    await context.runJournaledPhase({
      ...actionsStep([], []),
      run: async (_environment, journal) => {
        await journal.perform('run', {}, async () => (note('post'), true));
      },
    });
  };
}

const runOne = (sample: SampleCluster, log: string[], options: RunOptions = {}) =>
  sample.cluster.runAll(sample.cluster.run(threePhases(log)), { nodes: [1], ...options });
const outcomes = ({ nodes }: Awaited<ReturnType<typeof runOne>>) => nodes.map(({ outcome }) => outcome);

const passing = (message: string) =>
  new PhaseError('PHASE_FAILED', message, { hint: 'It may pass.', category: 'connection' });

describe('from and until', () => {
  it('end a run after a phase, which is no failure, and tell the later ones as not run', async () => {
    const sample = await sampleCluster();
    const log: string[] = [];
    const summary = await runOne(sample, log, { until: 'image' });
    expect(log).toEqual(['image 1']);
    expect(summary).toMatchObject({
      completed: true,
      nodes: [
        {
          phases: {
            image_customization: { outcome: 'completed' },
            os_installation: { outcome: 'not run' },
            post_installation: { outcome: 'not run' },
          },
        },
      ],
    });
    await runOne(sample, log, { until: 'install' });
    expect(log).toEqual(['image 1', 'install 1']);
  });

  it('need no approval for an image alone, also of a finished node', async () => {
    const asked: number[] = [];
    const approve = async ({ node }: { readonly node: number }) => (asked.push(node), false);
    const sample = await sampleCluster({}, { approve });
    await runOne(sample, [], { until: 'image' });
    expect(asked).toEqual([]);
  });

  it('take earlier phases as they are on record', async () => {
    const sample = await sampleCluster();
    const log: string[] = [];
    await runOne(sample, log, { until: 'image' });
    await runOne(sample, log, { from: 'install' });
    expect(log).toEqual(['image 1', 'install 1', 'post 1']);
    const { phases } = (await runOne(sample, log, { from: 'post' })).nodes[0]!;
    expect(phases).toMatchObject({
      image_customization: { outcome: 'not run' },
      os_installation: { outcome: 'not run' },
      post_installation: { outcome: 'skipped' },
    });
  });

  it('say what is missing on record', async () => {
    const sample = await sampleCluster();
    const { nodes } = await runOne(sample, [], { from: 'post' });
    expect(nodes[0]?.error).toMatchObject({ code: 'PHASE_INPUT_MISSING' });
  });

  it('are refused in the wrong order', async () => {
    const sample = await sampleCluster();
    expect(await rejection(runOne(sample, [], { from: 'post', until: 'image' }))).toMatchObject({
      code: 'PHASE_RANGE_EMPTY',
    });
  });
});

describe('a failure', () => {
  const run = (sample: SampleCluster, log: string[], options: RunOptions, fails: (what: string) => unknown) =>
    sample.cluster.runAll(sample.cluster.run(threePhases(log, fails)), options);

  it('stops the others where that is wanted', async () => {
    const sample = await sampleCluster();
    const log: string[] = [];
    const fails = (what: string) => (what === 'image 1' ? passing('no') : undefined);
    const summary = await run(sample, log, { onFailure: 'stop' }, fails);
    expect(outcomes(summary)).toEqual(['failed', 'aborted']);
    expect(summary.nodes[1]?.error).toMatchObject({ code: 'RUN_STOPPED', details: { failed: 1 } });
    expect(log).not.toContain('install 2');
    expect(outcomes(await run(sample, log, {}, fails))).toEqual(['failed', 'completed']);
  });

  it('is tried again when it may pass, and not more often than wanted', async () => {
    const sample = await sampleCluster();
    const log: string[] = [];
    let left = 2;
    const fails = (what: string) => (what === 'install 1' && left-- > 0 ? passing('no') : undefined);
    const summary = await run(
      sample,
      log,
      { nodes: [1], retry: { times: 2, delayMs: 1 } } as RunOptions,
      fails,
    );
    expect(outcomes(summary)[0]).toBe('completed');
    expect(log.filter((what) => what.endsWith(' 1'))).toEqual([
      ...['image 1', 'install 1', 'install 1', 'install 1', 'post 1'],
    ]);
    left = 9;
    const again = await sampleCluster();
    log.length = 0;
    expect(outcomes(await run(again, log, { retry: { times: 1, delayMs: 1 } }, fails))).toEqual([
      'failed',
      'completed',
    ]);
    expect(log.filter((what) => what === 'install 1')).toHaveLength(2);
  });

  it('after a reinstallation that was done is tried again without erasing what has just been installed', async () => {
    const sample = await sampleCluster();
    const log: string[] = [];
    await run(sample, log, { nodes: [1] } as RunOptions, () => undefined);
    log.length = 0;
    let left = 2;
    const fails = (what: string) => (what === 'post 1' && left-- > 0 ? passing('no') : undefined);
    const options = { nodes: [1], reinstall: [1], retry: { times: 3, delayMs: 1 } } as RunOptions;
    expect(outcomes(await run(sample, log, options, fails))).toEqual(['completed']);
    expect(log.filter((what) => what === 'install 1')).toHaveLength(1);
    expect(log.filter((what) => what === 'post 1')).toHaveLength(3);
  });

  it.each([
    ['connection', true],
    ['phase', true],
    ['failed', true],
    ['blocked', false],
    ['approval', false],
    ['authentication', false],
    ['configuration', false],
    ['usage', false],
  ] as const)('of the category %s is worth another attempt: %s', (category, isWorth) => {
    const error = new PhaseError('PHASE_FAILED', 'x', { hint: 'x', category });
    expect(isWorthRetry({ outcome: 'failed', error })).toBe(isWorth);
    expect(isWorthRetry({ outcome: 'blocked', error })).toBe(false);
    expect(isWorthRetry({ outcome: 'aborted', error })).toBe(false);
  });

  it('is tried again after a wait that grows up to a limit', () => {
    expect([1, 2, 3, 20].map((attempt) => delayBefore(attempt, { times: 1 }))).toEqual([
      10_000, 20_000, 40_000, 300_000,
    ]);
  });

  it('that the wait for another attempt is stopped by ends at once', async () => {
    const sample = await sampleCluster();
    const abort = new AbortController();
    const unsubscribe = sample.cluster.subscribe(({ type }) => {
      if (type === 'node:failed') abort.abort(new Error('enough'));
    });
    const options = { retry: { times: 5, delayMs: 60_000 }, signal: abort.signal };
    const { nodes } = await run(sample, [], options, (what) =>
      what === 'image 1' ? passing('no') : undefined,
    );
    unsubscribe();
    expect(nodes[0]?.outcome).toBe('aborted');
  });
});

describe('hooks', () => {
  const withHooks = (log: string[], fails?: string) => {
    const hook =
      (name: string) =>
      async (_context: Context, { id }: { readonly id: number }) => {
        log.push(`${name} ${id}`);
        if (fails === `${name} ${id}`) throw new Error('could not');
        return `${name} did it`;
      };
    return { beforeErase: hook('before'), afterInstall: hook('after'), healthy: hook('healthy') };
  };

  it('are done once around an installation, before an erasure only where there was a system', async () => {
    const sample = await sampleCluster();
    const log: string[] = [];
    await runOne(sample, log, { hooks: withHooks(log) });
    expect(log).toEqual(['image 1', 'install 1', 'post 1', 'after 1', 'healthy 1']);
    log.length = 0;
    await runOne(sample, log, { hooks: withHooks(log) });
    expect(log).toEqual([]);
    await runOne(sample, log, { hooks: withHooks(log), reinstall: [1] });
    expect(log.filter((what) => !/image|post/.test(what))).toEqual([
      ...['before 1', 'install 1', 'after 1', 'healthy 1'],
    ]);
    const told = sample.events.flatMap((event) =>
      event.type === 'phase:progress' && event.progress.note !== undefined ? [event.progress.note] : [],
    );
    expect(told).toContain('before did it');
  });

  it('keep the system of a node when the one before its erasure fails', async () => {
    const sample = await sampleCluster();
    const log: string[] = [];
    await runOne(sample, log);
    const before = (await sample.state()).Node1?.os_installation;
    log.length = 0;
    const hooks = withHooks(log, 'before 1');
    const { nodes } = await runOne(sample, log, { hooks, reinstall: [1] });
    expect(nodes[0]).toMatchObject({ outcome: 'failed', error: { code: 'HOOK_FAILED' } });
    expect(log).not.toContain('install 1');
    expect((await sample.state()).Node1?.os_installation).toEqual(before);
  });

  it('that an installation is owed are done by the next run, also when they failed', async () => {
    const sample = await sampleCluster();
    const log: string[] = [];
    const { nodes } = await runOne(sample, log, { hooks: withHooks(log, 'after 1') });
    expect(nodes[0]).toMatchObject({ outcome: 'failed', error: { code: 'HOOK_FAILED' } });
    log.length = 0;
    expect((await runOne(sample, log, { hooks: withHooks(log) })).completed).toBe(true);
    expect(log).toEqual(['after 1', 'healthy 1']);
  });

  it('that an installation is owed stay owed through a run that does not have them', async () => {
    const sample = await sampleCluster();
    const log: string[] = [];
    await runOne(sample, log, { hooks: withHooks(log, 'after 1') });
    log.length = 0;
    await runOne(sample, log);
    const { beforeErase, healthy } = withHooks(log);
    await runOne(sample, log, { hooks: { beforeErase, healthy } });
    expect(log).toEqual(['healthy 1']);
    await runOne(sample, log, { hooks: withHooks(log) });
    expect(log).toEqual(['healthy 1', 'after 1']);
  });

  it('see to it that a node is healthy before the next one is reinstalled, also in a run that ends with the installation', async () => {
    const sample = await sampleCluster();
    const log: string[] = [];
    const run = (options: RunOptions) =>
      sample.cluster.runAll(sample.cluster.run(threePhases(log)), { hooks: withHooks(log), ...options });
    await run({});
    log.length = 0;
    await run({ reinstall: [1, 2], until: 'install' });
    const order = log.filter((what) => !what.startsWith('image')).map((what) => what.split(' ')[0]);
    expect(order).toEqual(['before', 'install', 'healthy', 'before', 'install', 'healthy']);

    const unwell = { healthy: async () => Promise.reject(new Error('not yet')) };
    const summary = await run({ reinstall: [1, 2], until: 'install', hooks: unwell });
    expect(summary.nodes.map(({ error }) => (error as { code: string }).code).sort()).toEqual([
      'HOOK_FAILED',
      'REINSTALL_STOPPED',
    ]);
  });

  it('see to it that a node is healthy before the next one is reinstalled, and that none is after a failure', async () => {
    const sample = await sampleCluster();
    const log: string[] = [];
    const all = (options: RunOptions) => sample.cluster.runAll(sample.cluster.run(threePhases(log)), options);
    await all({});
    log.length = 0;
    await all({ hooks: withHooks(log), reinstall: [1, 2] });
    const order = log.filter((what) => /install|healthy/.test(what));
    expect(order[0]?.at(-1)).toBe(order[1]?.at(-1));
    expect(order.map((what) => what.slice(0, 7))).toEqual(['install', 'healthy', 'install', 'healthy']);
    log.length = 0;
    const first = order[0]?.at(-1) ?? '';
    const summary = await all({
      hooks: { healthy: async () => Promise.reject(new Error('not yet')) },
      reinstall: [1, 2],
    });
    expect(log.filter((what) => what.startsWith('install'))).toHaveLength(1);
    expect(first).not.toBe('');
    const codes = summary.nodes.map(({ error }) => (TuringPiError.is(error) ? error.code : undefined));
    expect(codes.sort()).toEqual(['HOOK_FAILED', 'REINSTALL_STOPPED']);
    log.length = 0;
    const going = await all({
      hooks: { healthy: async () => Promise.reject(new Error('not yet')) },
      ...{ reinstall: [1, 2], onFailure: 'keep going' },
    });
    expect(log.filter((what) => what.startsWith('install'))).toHaveLength(2);
    expect(outcomes(going)).toEqual(['failed', 'failed']);
  });
});
