import { beforeEach, describe, expect, it } from 'vitest';
import { Node1 } from '@turingpi/foundation';
import { actionsStep, sampleCluster, type SampleCluster } from '../cluster/sample-cluster.fixture.js';
import type { RunOptions } from '../cluster/workflow.js';
import type { ActionFacts, RepeatedAction } from './action-facts.js';
import type { JournaledPhaseStep } from './phase-step.js';

interface Act extends ActionFacts {
  readonly name: string;
  /** What it says of its effect the second time: it finds nothing to change. */
  readonly looks?: boolean;
  readonly fails?: boolean;
}
const ask = (name: string): Act => ({ name, repetition: 'ask', note: name });
const once = (name: string, id: string): Act => ({ name, once: id, repetition: 'ask' });

function stepOf(
  acts: readonly Act[],
  done: string[],
  more: Partial<JournaledPhaseStep> = {},
): JournaledPhaseStep {
  return actionsStep([], done, {
    run: async (_environment, journal) => {
      for (const { name, fails = false, looks = false, ...facts } of acts) {
        const result = await journal.perform(
          'remote.runCommand',
          name,
          (): Promise<{ did: string } | { changed: boolean }> => {
            if (fails) return Promise.reject(new Error(`${name} failed`));
            done.push(name);
            if (!looks) return Promise.resolve({ did: name });
            const changed = !looked.has(name);
            looked.add(name);
            return Promise.resolve({ changed });
          },
          facts,
        );
        results.push(result);
      }
    },
    ...more,
  });
}

let results: unknown[] = [];
/** What was changed on the node by actions that look first. */
const looked = new Set<string>();
beforeEach(() => looked.clear());

async function run(
  { cluster }: SampleCluster,
  acts: readonly Act[],
  options: RunOptions = {},
  more: Partial<JournaledPhaseStep> = {},
): Promise<readonly string[]> {
  const done: string[] = [];
  results = [];
  await cluster.run((context) => context.runJournaledPhase(stepOf(acts, done, more)))(Node1, options);
  return done;
}
const REFUSED = { code: 'ACTION_WOULD_REPEAT', category: 'approval' };

describe('an action that may do harm the second time', () => {
  it('is not repeated unasked, and the record is as it was when it is the first that would be done', async () => {
    const sample = await sampleCluster();
    await run(sample, [ask('a'), ask('b')]);
    const before = await sample.state();
    await expect(run(sample, [ask('b'), ask('a')])).rejects.toMatchObject(REFUSED);
    expect(await sample.state()).toEqual(before);
    expect(sample.events.at(-1)).toMatchObject({ type: 'node:blocked', code: 'ACTION_WOULD_REPEAT' });
    expect(await run(sample, [ask('a'), ask('b')])).toEqual([]);
  });

  it('is asked about also by the next run, when what came before it was done', async () => {
    const sample = await sampleCluster();
    await run(sample, [{ name: 'x' }, ask('b')]);
    const changed = [{ name: 'y' }, ask('b')];
    await expect(run(sample, changed)).rejects.toMatchObject(REFUSED);
    await expect(run(sample, changed)).rejects.toMatchObject(REFUSED); // x and b are in no journal any more
    expect(await run(sample, changed, { rerun: true })).toEqual(['b']);
    expect(await run(sample, changed)).toEqual([]);
  });

  it('is asked about when it comes back after a run without it', async () => {
    const sample = await sampleCluster();
    await run(sample, [{ name: 'x' }, ask('b')]);
    await run(sample, [{ name: 'x' }]);
    await expect(run(sample, [{ name: 'x' }, ask('b')])).rejects.toMatchObject(REFUSED);
  });

  it('is done without a question where it was not done, or failed, or comes a second time from the beginning', async () => {
    const sample = await sampleCluster();
    await expect(run(sample, [ask('a'), { ...ask('b'), fails: true }])).rejects.toMatchObject({
      code: 'PHASE_FAILED',
    });
    expect(await run(sample, [ask('a'), ask('b'), ask('a'), ask('c')])).toEqual(['b', 'a', 'c']);
  });

  it('is done again on another installation', async () => {
    const sample = await sampleCluster();
    await run(sample, [ask('a'), once('k', 'init')]);
    const again = await run(sample, [once('k', 'init'), ask('a')], {}, { installationId: 'installation-2' });
    expect(again).toEqual(['k', 'a']);
  });

  it('is asked about by its node, action and note, each time', async () => {
    const sample = await sampleCluster();
    await run(sample, [{ name: 'x' }, ask('a'), ask('b')]);
    const asked: RepeatedAction[] = [];
    const rerun = (repeated: RepeatedAction) => {
      asked.push(repeated);
      return repeated.note === 'a';
    };
    await expect(run(sample, [{ name: 'y' }, ask('a'), ask('b')], { rerun })).rejects.toMatchObject(REFUSED);
    expect(asked.map(({ note, action }) => [action, note])).toEqual([
      ['remote.runCommand', 'a'],
      ['remote.runCommand', 'b'],
    ]);
    expect(asked[0]?.node).toBeTruthy();
  });
});

describe('an action that is done once', () => {
  it('is never repeated, however it and what comes before it change, and returns what it returned', async () => {
    const sample = await sampleCluster();
    await run(sample, [{ name: 'x' }, once('init', 'cluster')]);
    expect(await run(sample, [{ name: 'y' }, once('init --other', 'cluster')])).toEqual(['y']);
    expect(results).toEqual([{ did: 'y' }, { did: 'init' }]);
    await run(sample, []);
    expect(await run(sample, [{ name: 'z' }, once('init', 'cluster')])).toEqual(['z']);
    expect(results).toEqual([{ did: 'z' }, { did: 'init' }]);
    expect(await run(sample, [once('init', 'another')], { rerun: true })).toEqual([]);
  });

  it.each([
    ['in its place', [{ name: 'x' }]],
    ['after what has changed meanwhile', [{ name: 'y' }]],
  ])('may get its name after it was done: %s', async (_when, first) => {
    const sample = await sampleCluster();
    await run(sample, [{ name: 'x' }, ask('init')]);
    await run(sample, [...first, once('init', 'cluster')]);
    expect(await run(sample, [{ name: 'z' }, once('init --other', 'cluster')])).toEqual(['z']);
  });

  it('stays done when it gets its name in a run that fails', async () => {
    const sample = await sampleCluster();
    await run(sample, [ask('init'), { name: 'x' }]);
    const failing = [once('init', 'cluster'), { name: 'y', fails: true }];
    await expect(run(sample, failing)).rejects.toMatchObject({ code: 'PHASE_FAILED' });
    expect(await run(sample, [once('init --other', 'cluster'), { name: 'y' }])).toEqual(['y']);
  });

  it('is done once in a run, too', async () => {
    const sample = await sampleCluster();
    expect(await run(sample, [once('a', 'id'), once('b', 'id')])).toEqual(['a']);
  });

  it('is tried again when it failed', async () => {
    const sample = await sampleCluster();
    await expect(run(sample, [{ ...once('a', 'id'), fails: true }])).rejects.toMatchObject({
      code: 'PHASE_FAILED',
    });
    expect(await run(sample, [once('a', 'id')])).toEqual(['a']);
  });
});

describe('a plan', () => {
  const planned = async ({ cluster }: SampleCluster, acts: readonly Act[], foreseeable = true) => {
    const done: string[] = [];
    const plan = await cluster.plan(
      (context) => context.runJournaledPhase(stepOf(acts, done, { foreseeable })).then(() => undefined),
      { nodes: [Node1], offline: true },
    );
    expect(done).toEqual([]);
    return plan.nodes[0]?.phases.find(({ phase }) => phase === 'post_installation')?.actions;
  };

  it('names what is asked about, and leaves out what is done once', async () => {
    const sample = await sampleCluster();
    await run(sample, [{ name: 'x', note: 'x' }, ask('b'), once('k', 'init')]);
    const actions = await planned(sample, [
      { name: 'y', note: 'y' },
      ask('b'),
      once('k', 'init'),
      ask('new'),
    ]);
    expect(actions).toMatchObject({
      run: ['remote.runCommand y', 'remote.runCommand b', 'remote.runCommand new'],
      again: ['remote.runCommand b'],
      asks: ['remote.runCommand b'],
    });
  });

  it('knows of it also when it is in no journal any more', async () => {
    const sample = await sampleCluster();
    await run(sample, [ask('a')]);
    await run(sample, []);
    expect(await planned(sample, [ask('a')])).toMatchObject({ asks: ['remote.runCommand a'] });
    expect(await planned(sample, [ask('a')], false)).toMatchObject({ asks: ['remote.runCommand a'] });
  });
});

describe('a change that was not followed up, since the phase ended before that', () => {
  const looks = (name: string): Act => ({ name, looks: true });
  const failing = { name: 'reload', fails: true };

  it('stays one when something before it changes, until the phase is completed', async () => {
    const sample = await sampleCluster();
    await expect(run(sample, [looks('a'), looks('b'), failing])).rejects.toThrow();
    expect(results).toEqual([{ changed: true }, { changed: true }]);
    await expect(run(sample, [looks('x'), looks('b'), failing])).rejects.toThrow();
    expect(results).toEqual([{ changed: true }, { changed: true }]);
    await run(sample, [looks('y'), looks('b'), { name: 'reload' }]);
    expect(results).toEqual([{ changed: true }, { changed: true }, { did: 'reload' }]);
    await run(sample, [looks('z'), looks('b')]);
    expect(results).toEqual([{ changed: true }, { changed: false }]);
  });

  it('is told as what it was on the node', async () => {
    const sample = await sampleCluster();
    await expect(run(sample, [looks('a'), looks('b'), failing])).rejects.toThrow();
    await run(sample, [looks('x'), looks('b')]);
    expect(sample.events.findLast(({ type }) => type === 'action:completed')).toMatchObject({
      changed: false,
    });
  });
});
