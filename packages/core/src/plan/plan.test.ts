import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  actionsStep,
  imageStep,
  installationStep,
  SAMPLE_IMAGE,
  SAMPLE_INSTALLATION,
  sampleCluster as anySampleCluster,
  type SampleCluster,
} from '../cluster/sample-cluster.fixture.js';
import type { Workflow } from '../cluster/workflow.js';
import type { JournaledPhaseStep, PhaseStep } from '../phase/phase-step.js';
import { NotForeseeable } from './not-foreseeable.js';

/** A cluster whose first node is not there: nobody answers at its address. */
function sampleCluster(options: Parameters<typeof anySampleCluster>[1] = {}): Promise<SampleCluster> {
  const ssh = { host: '127.0.0.1', port: 9 };
  return anySampleCluster({ node1: { ip: '10.0.0.11', board: 'rk1', ssh } }, options);
}

interface Asked {
  readonly image?: Partial<PhaseStep<'image_customization'>>;
  readonly installation?: Partial<PhaseStep<'os_installation'>>;
  readonly actions?: readonly string[];
  readonly post?: Partial<JournaledPhaseStep>;
}

const FORESEEN_IMAGE = { foresee: () => Promise.resolve({ ...SAMPLE_IMAGE, sha256: '' }) };
const FORESEEN_NODE = { foresee: () => Promise.resolve(SAMPLE_INSTALLATION) };

function workflowOf(asked: Asked, done: string[] = []): Workflow {
  return async (context) => {
    await context.runPhase(imageStep({ ...FORESEEN_IMAGE, ...asked.image }));
    const { installationId } = await context.runPhase(
      installationStep({ ...FORESEEN_NODE, ...asked.installation }),
    );
    await context.runJournaledPhase(
      actionsStep(asked.actions ?? ['a', 'b', 'c'], done, { installationId, ...asked.post }),
    );
  };
}

/** What a plan says of the first node, short. */
async function told(sample: SampleCluster, asked: Asked, options = {}) {
  const plan = await sample.cluster.plan(workflowOf(asked), { nodes: [1], ...options });
  return { plan, phases: plan.nodes[0]?.phases ?? [], decisions: decisionsOf(plan.nodes[0]?.phases ?? []) };
}

function decisionsOf(phases: readonly { readonly decision: string }[]): string[] {
  return phases.map(({ decision }) => decision);
}

async function run(sample: SampleCluster, asked: Asked, done: string[] = [], options = {}) {
  return sample.cluster.runAll(sample.cluster.run(workflowOf(asked, done)), { nodes: [1], ...options });
}

/** Everything below a directory. */
async function contentOf(directory: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  const contents = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return new Map(files.map((file, index) => [file, contents[index] ?? '']));
}

describe('a plan', () => {
  it('says that everything of a new node runs, and what that erases', async () => {
    const { plan, phases, decisions } = await told(await sampleCluster(), {});
    expect(decisions).toEqual(['run', 'run', 'run']);
    expect(phases.map(({ reason }) => reason)).toEqual(['first run', 'first run', 'first run']);
    expect(phases[1]).toMatchObject({ power: true, erases: { disk: 'emmc', evidence: 'new' } });
    expect(plan.changes).toBe(true);
  });

  it('does nothing and writes nothing', async () => {
    const sample = await sampleCluster();
    const before = await contentOf(sample.directory);
    await told(sample, {
      image: { run: () => Promise.reject(new Error('run')) },
      installation: { run: () => Promise.reject(new Error('run')) },
    });
    expect(await contentOf(sample.directory)).toEqual(before);
    expect(sample.events.filter(({ type }) => type !== 'phase:progress')).toEqual([]);
  });

  it('reads what is kept beside the records, and writes nothing there', async () => {
    const sample = await sampleCluster();
    const looking = (known: string[]): Workflow => {
      return async (context) => {
        const { papers } = context;
        await context.runPhase(imageStep(FORESEEN_IMAGE));
        await context.runPhase(
          installationStep({
            ...FORESEEN_NODE,
            unforeseen: async () => [(await papers?.text('seen').read()) ?? 'nothing', ...known],
            run: async () => {
              await papers?.text('seen').update(() => 'a disk');
              throw new Error('refused');
            },
          }),
        );
        for (const writes of [
          () => papers?.text('seen').update(() => 'another'),
          () => papers?.log('lines').append(['a line']),
          () => papers?.removeLog('lines'),
        ])
          await expect(Promise.resolve(writes())).rejects.toThrow(TypeError);
      };
    };
    await sample.cluster.runAll(sample.cluster.run(looking([])), { nodes: [1] });
    const plan = await sample.cluster.plan(looking(['more']), { nodes: [1] });
    expect(plan.nodes[0]?.phases[1]?.unknown).toEqual(['a disk', 'more']);
    expect(plan.nodes[0]?.phases[2]?.error).toBeUndefined();
  });

  it('says directly after a run that there is nothing to do', async () => {
    const sample = await sampleCluster();
    await run(sample, {});
    const { plan, decisions } = await told(sample, {});
    expect(decisions).toEqual(['skip', 'skip', 'skip']);
    expect(plan.changes).toBe(false);
  });

  it('tells how long a phase took when it ran last', async () => {
    let clock = Date.parse('2026-01-02T03:04:05Z');
    const sample = await sampleCluster({ now: () => new Date((clock += 1000)) });
    await run(sample, {});
    const { phases } = await told(sample, { image: { inputs: { base: 'other' } } }, { reinstall: [1] });
    expect(phases[0]?.estimateMs).toBeGreaterThanOrEqual(1000);
  });

  it('names what changed of a finished node, and that it needs a reinstallation', async () => {
    const sample = await sampleCluster();
    await run(sample, {});
    const { phases, decisions } = await told(sample, { image: { inputs: { base: 'other', added: 'yes' } } });
    expect(decisions).toEqual(['blocked', 'blocked', 'blocked']);
    expect(phases[0]).toMatchObject({
      error: { code: 'NEEDS_REINSTALL' },
      takesEffect: 'by a reinstallation',
      changes: [
        { name: 'added', before: 'not set', after: 'yes' },
        { name: 'base', before: 'image', after: 'other' },
      ],
    });
  });

  it('says the same in the words of a step that has some', async () => {
    const sample = await sampleCluster();
    await run(sample, {});
    const explain = () => Promise.resolve([{ name: 'file /etc/motd', before: 'set', after: 'changed' }]);
    const { phases } = await told(sample, { image: { inputs: { base: 'other' }, explain } });
    expect(phases[0]?.changes.map(({ name }) => name)).toEqual(['file /etc/motd']);
  });

  it('says what a reinstallation does', async () => {
    const sample = await sampleCluster();
    await run(sample, {});
    const { phases, decisions } = await told(sample, {}, { reinstall: [1] });
    expect(decisions).toEqual(['skip', 'run', 'run']); // its image is there still
    expect(phases[1]).toMatchObject({
      ...{ reason: 'reinstallation', takesEffect: 'by a reinstallation' },
      erases: { evidence: 'installed' },
    });
    expect(phases[2]).toMatchObject({ reason: 'first run', actions: { kept: 0, from: 0, again: [] } });
  });

  it('says from which action on the last phase runs, and leaves its callback there', async () => {
    const sample = await sampleCluster();
    await run(sample, { actions: ['a', 'b', 'c'] });
    const done: string[] = [];
    const plan = await sample.cluster.plan(workflowOf({ actions: ['a', 'B', 'c'] }, done), { nodes: [1] });
    const phase = plan.nodes[0]?.phases[2];
    expect(phase).toMatchObject({ decision: 'run', reason: 'actions changed', takesEffect: 'in place' });
    expect(phase?.actions).toEqual({
      kept: 1,
      from: 1,
      again: ['remote.runCommand', 'remote.runCommand'],
    });
    expect(done).toEqual([]);
  });

  it('lists every action that is done, and those that are done again, where they can be foreseen', async () => {
    const sample = await sampleCluster();
    await run(sample, { actions: ['a', 'b', 'c'] });
    const { phases } = await told(sample, { actions: ['a', 'B', 'c'], post: { foreseeable: true } });
    expect(phases[2]?.actions).toMatchObject({
      kept: 1,
      from: 1,
      run: ['remote.runCommand', 'remote.runCommand'],
      again: ['remote.runCommand'],
    });
  });

  it('does not call a callback of which nothing is on record', async () => {
    let called = false;
    const post = {
      run: () => {
        called = true;
        return Promise.resolve();
      },
    };
    const { decisions } = await told(await sampleCluster(), { post });
    expect(decisions[2]).toBe('run');
    expect(called).toBe(false);
  });

  it('tells an action that was dropped from the file', async () => {
    const sample = await sampleCluster();
    await run(sample, { actions: ['a', 'b'] });
    const { phases } = await told(sample, { actions: ['a'] });
    expect(phases[2]).toMatchObject({ decision: 'run', reason: 'actions changed', actions: { kept: 1 } });
  });

  it('goes no further than what can be known', async () => {
    const inputs = () => Promise.reject(new NotForeseeable('what is in the base image'));
    const { phases, plan } = await told(await sampleCluster(), { image: { inputs } });
    expect(decisionsOf(phases)).toEqual(['unknown', 'unknown', 'unknown']);
    expect(phases[0]?.unknown).toEqual(['what is in the base image']);
    expect(plan.changes).toBe(true);
  });

  it('says that a phase runs also where nobody can say what it hands on', async () => {
    const step = imageStep(); // it foresees nothing
    const plan = await (
      await sampleCluster()
    ).cluster.plan(
      async (context) => {
        await context.runPhase(step);
      },
      { nodes: [1] },
    );
    expect(decisionsOf(plan.nodes[0]?.phases ?? [])).toEqual(['run', 'unknown', 'unknown']);
  });

  it('finds what a run would fail with', async () => {
    const inputs = () => Promise.reject(new Error('no such base'));
    const { phases } = await told(await sampleCluster(), { image: { inputs } });
    expect(phases[0]).toMatchObject({ decision: 'blocked', error: { message: 'no such base' } });
  });

  it('asks before an unknown disk, and says yes where it was told to', async () => {
    const sample = await sampleCluster();
    await run(sample, {});
    await sample.cluster.requestErasure(1, { plan: 'p', why: 'flashed by hand' }).then(async (permit) => {
      await permit.begin(permit.erasure);
    });
    expect((await told(sample, {})).phases[1]).toMatchObject({ error: { code: 'ERASE_NOT_APPROVED' } });
    const { decisions } = await told(sample, {}, { erase: [1] });
    expect(decisions).toEqual(['skip', 'run', 'run']);
  });

  it('goes as far as a run that is limited', async () => {
    const sample = await sampleCluster();
    expect((await told(sample, {}, { until: 'image' })).decisions).toEqual(['run', 'skip', 'skip']);
    await run(sample, {}, [], { until: 'image' });
    expect((await told(sample, {}, { from: 'install' })).decisions).toEqual(['skip', 'run', 'run']);
    expect((await told(sample, {}, { from: 'post' })).phases[1]).toMatchObject({ decision: 'blocked' });
  });

  it('tells the hooks that a run does, those that an earlier installation is owed included', async () => {
    const sample = await sampleCluster();
    const nothing = () => Promise.resolve();
    const hooks = { beforeErase: nothing, afterInstall: nothing, healthy: nothing };
    const hooksOf = async (options: object) => (await told(sample, {}, options)).plan.nodes[0]?.hooks;
    expect(await hooksOf({ hooks })).toEqual(['afterInstall', 'healthy']);
    expect(await hooksOf({ hooks, until: 'install' })).toEqual([]);
    await run(sample, {}, [], {
      hooks: { ...hooks, afterInstall: () => Promise.reject(new Error('not now')) },
    });
    const { plan, decisions } = await told(sample, {}, { hooks });
    expect(decisions).toEqual(['skip', 'skip', 'skip']);
    expect(plan).toMatchObject({ changes: true, nodes: [{ hooks: ['afterInstall', 'healthy'] }] });
    await run(sample, {}, [], { hooks });
    expect((await told(sample, {}, { hooks })).plan).toMatchObject({
      changes: false,
      nodes: [{ hooks: [] }],
    });
    expect(await hooksOf({ hooks, reinstall: [1] })).toEqual(['beforeErase', 'afterInstall', 'healthy']);
  });

  it('is the same when it is made again, and another one when anything that it does is', async () => {
    const sample = await sampleCluster();
    const digest = async (asked: Asked) => (await told(sample, asked, { comparable: true })).plan.digest;
    const first = await digest({});
    expect(await digest({})).toBe(first);
    expect(await digest({ image: { inputs: { base: 'other' } } })).not.toBe(first);
    expect(await digest({ actions: ['x'], post: { foreseeable: true } })).not.toBe(first);
  });

  it('predicts what a run does, whatever changed since the last one', async () => {
    const asked = fc.record({
      base: fc.constantFrom('one', 'two'),
      strategy: fc.constantFrom('flash', 'usb'),
      actions: fc.array(fc.constantFrom('a', 'b'), { maxLength: 3 }),
      reinstall: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(asked, { minLength: 1, maxLength: 3 }), async (runs) => {
        const sample = await sampleCluster({ approve: ({ evidence }) => evidence === 'new' || allowed });
        let allowed = false;
        for (const { base, strategy, actions, reinstall } of runs) {
          const wanted: Asked = {
            image: { inputs: { base } },
            installation: { inputs: { base, strategy } },
            actions,
          };
          const options = reinstall ? { reinstall: [1 as const] } : {};
          allowed = reinstall;
          const { decisions } = await told(sample, wanted, options);
          const from = sample.events.length;
          await run(sample, wanted, [], options);
          expect(happened(sample.events.slice(from))).toEqual(decisions);
        }
      }),
      { numRuns: 30 },
    );
  });
});

const OUTCOMES: Readonly<Record<string, string>> = {
  'phase:started': 'run',
  'phase:skipped': 'skip',
  'phase:blocked': 'blocked',
};

/** What became of the three phases; a phase after a blocked one is blocked as well. */
function happened(events: SampleCluster['events']): string[] {
  const of = (phase: string): string =>
    events
      .filter((event) => 'phase' in event && event.phase === phase)
      .map(({ type }) => OUTCOMES[type])
      .find((outcome) => outcome !== undefined) ?? 'blocked';
  return ['image_customization', 'os_installation', 'post_installation'].map(of);
}
