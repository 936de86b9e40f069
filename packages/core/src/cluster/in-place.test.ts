import { describe, expect, it } from 'vitest';
import { Node1 } from '@turingpi/foundation';
import { claimedRecord } from '../phase/claimed-record.js';
import { standingInstallation } from '../state/standing-installation.js';
import type { PhaseRecord } from '../state/state-document.js';
import type { InPlaceAnswer, InPlaceQuestion } from '../phase/in-place.js';
import type { JsonValue } from '../phase/phase.js';
import type { PhaseStep, Standing } from '../phase/phase-step.js';
import type { Context } from './context.js';
import {
  imageStep,
  installationStep,
  rejection,
  SAMPLE_IMAGE,
  SAMPLE_INSTALLATION,
  type SampleCluster,
  sampleCluster,
} from './sample-cluster.fixture.js';

/** What a run of settings did to a node, and how. */
interface Trial {
  readonly inputs: Readonly<Record<string, JsonValue>>;
  /** Settings that cannot be applied in place. */
  readonly fixed?: readonly string[];
  readonly fails?: () => Promise<never>;
  readonly more?: Partial<PhaseStep<'os_installation'>>;
  /** How the change asks for the node. */
  readonly stands?: () => Promise<Standing>;
}

async function run(sample: SampleCluster, { inputs, fixed = [], fails, more = {}, stands }: Trial) {
  const done: string[] = [];
  const asked: InPlaceQuestion[] = [];
  const told = ({ changes }: InPlaceQuestion) =>
    changes.map((change) => ({
      ...change,
      takesEffect: fixed.includes(change.name) ? ('by a reinstallation' as const) : ('in place' as const),
    }));
  const isPossible = ({ changes }: InPlaceQuestion) => !changes.some(({ name }) => fixed.includes(name));
  const image = imageStep({
    inputs,
    recipe: 7,
    run: async () => {
      done.push('image');
      return SAMPLE_IMAGE;
    },
    inPlace: async (question): Promise<InPlaceAnswer<'image_customization'>> => ({
      changes: told(question),
      ...(isPossible(question) && {
        change: { output: question.image, trying: {}, apply: () => Promise.resolve() },
      }),
    }),
  });
  const plain = installationStep();
  const installation = installationStep({
    inputs,
    run: async (environment) => {
      done.push('flash');
      return plain.run(environment);
    },
    inPlace: async (question): Promise<InPlaceAnswer<'os_installation'>> => {
      asked.push(question);
      const names = question.changes.map(({ name }) => name);
      const trying = Object.fromEntries(names.map((name) => [name, [inputs[name] ?? null]]));
      const output = { ...SAMPLE_INSTALLATION, hostname: JSON.stringify(inputs['name']) };
      const apply = async () => {
        await fails?.();
        done.push(...names);
      };
      return {
        changes: told(question),
        ...(isPossible(question) && { change: { output, trying, apply, ...(stands && { stands }) } }),
      };
    },
    ...more,
  });
  const workflow = async (context: Context) => {
    await context.runPhase(image);
    await context.runPhase(installation);
  };
  const plan = await sample.cluster.plan(workflow, { nodes: [Node1] });
  const error = await sample.cluster
    .run(workflow)(Node1)
    .then(
      () => undefined,
      (thrown: unknown) => thrown as { readonly code?: string },
    );
  const record = (await sample.state()).Node1?.os_installation;
  return { done, asked, phases: plan.nodes[0]?.phases ?? [], error, record };
}
const failing = () => Promise.reject(new Error('the node went away'));

describe('a finished node whose settings change', () => {
  it('is changed as it runs, and stays the same installation', async () => {
    const sample = await sampleCluster();
    const before = await run(sample, { inputs: { name: 'a', zone: 'x' } });
    const { done, phases, record } = await run(sample, { inputs: { name: 'b', zone: 'x' } });
    expect(done).toEqual(['name']);
    expect(phases[1]).toMatchObject({ decision: 'run', takesEffect: 'in place', power: false });
    expect(record).toMatchObject({
      ...{ status: 'completed', installation_id: 'installation-1', timestamp: before.record?.timestamp },
      ...{ output: { hostname: '"b"' }, in_place: [{ settings: ['name'] }], image: { recipe: 7 } },
    });
    expect(record).not.toHaveProperty('tried');
    const after = await run(sample, { inputs: { name: 'b', zone: 'x' } });
    expect(after.done).toEqual([]);
    expect(after.phases.map(({ decision }) => decision).slice(0, 2)).toEqual(['skip', 'skip']);
  });

  it('is left as it is while one of them needs a reinstallation', async () => {
    const sample = await sampleCluster();
    await run(sample, { inputs: { name: 'a', base: 'x' } });
    const wanted = { inputs: { name: 'b', base: 'y' }, fixed: ['base'] };
    await sample.cluster[Symbol.asyncDispose]();
    const careful = await sampleCluster({}, { directory: sample.directory, approve: 'none' });
    const { done, phases, error } = await run(careful, wanted);
    expect(done).toEqual([]);
    expect(error).toMatchObject({ code: 'NEEDS_REINSTALL' });
    expect(phases[0]?.changes).toMatchObject([
      { name: 'base', takesEffect: 'by a reinstallation' },
      { name: 'name', takesEffect: 'in place' },
    ]);
  });

  it('is asked first who it is, and another one is not touched', async () => {
    const sample = await sampleCluster();
    await run(sample, { inputs: { name: 'a' } });
    const before = await sample.state();
    const stands = async () => ({ standing: 'contradicted', message: 'another key' }) as const;
    const { done, error } = await run(sample, { inputs: { name: 'b' }, more: { stands } });
    expect([done, error?.code]).toEqual([[], 'NODE_OTHER_SYSTEM']);
    expect(await sample.state()).toEqual(before);
  });
});

it('a node whose address changes is asked for where the change says that it may be', async () => {
  const sample = await sampleCluster();
  await run(sample, { inputs: { name: 'a' } });
  const elsewhere = async () => ({ standing: 'contradicted', message: 'another key' }) as const;
  const inputs = { name: 'b' };
  const refused = await run(sample, { inputs, stands: elsewhere });
  expect([refused.done, refused.error?.code]).toEqual([[], 'NODE_OTHER_SYSTEM']);
  const { done } = await run(sample, { inputs, more: { stands: elsewhere }, stands: async () => true });
  expect(done).toEqual(['name']);
});

describe('a change that did not come to its end', () => {
  it('is not done, and what it may have left on the node is looked at again: also when the file is as it was', async () => {
    const sample = await sampleCluster();
    await run(sample, { inputs: { name: 'a' } });
    const failed = await run(sample, { inputs: { name: 'b' }, fails: failing });
    expect(failed.record).toMatchObject({
      ...{ status: 'completed', output: { hostname: SAMPLE_INSTALLATION.hostname } },
      tried: { name: ['b'] },
    });
    await run(sample, { inputs: { name: 'c' }, fails: failing });
    const back = await run(sample, { inputs: { name: 'a' } });
    expect(back.phases[1]).toMatchObject({ decision: 'run', reason: 'previous run failed' });
    expect(back.done).toEqual(['name']);
    expect(back.asked.at(-1)?.tried).toEqual({ name: ['b', 'c'] });
    expect(back.record).not.toHaveProperty('tried');
    expect((await run(sample, { inputs: { name: 'a' } })).done).toEqual([]);
  });

  it('is forgotten with the system that it was begun on', async () => {
    const sample = await sampleCluster();
    await run(sample, { inputs: { name: 'a', base: 'x' } });
    await run(sample, { inputs: { name: 'b', base: 'x' }, fails: failing });
    const { done, record } = await run(sample, { inputs: { name: 'a', base: 'y' }, fixed: ['base'] });
    expect(done).toEqual(['image', 'flash']);
    expect(record).not.toHaveProperty('tried');
    expect(record).not.toHaveProperty('in_place');
  });

  it('that was stopped is begun again by the next run, and one that crashed as well', async () => {
    const sample = await sampleCluster();
    await run(sample, { inputs: { name: 'a' } });
    const stop = new AbortController();
    const stopped = rejection(
      sample.cluster.run((context) =>
        context.runPhase(
          installationStep({
            inputs: { name: 'b' },
            inPlace: async ({ changes }) => ({
              changes,
              change: {
                output: SAMPLE_INSTALLATION,
                trying: { name: ['b'] },
                apply: async ({ signal }) => {
                  stop.abort();
                  signal.throwIfAborted();
                },
              },
            }),
          }),
        ),
      )(Node1, { signal: stop.signal }),
    );
    expect((await stopped).name).toBe('AbortError');
    expect((await run(sample, { inputs: { name: 'b' } })).done).toEqual(['name']);
  });
});

it('a finished record that tells of the erasure before it stands while the node is changed', () => {
  const finished: PhaseRecord = { status: 'completed', timestamp: '2026-11-24T10:00:00.000Z', erased: true };
  const claim = claimedRecord(
    'os_installation',
    { input_hash: 'b', tried: { name: ['b'] } },
    finished.timestamp,
  );
  expect(standingInstallation(claim(finished))).toMatchObject({ status: 'completed' });
});
