import type { RunEvent } from '@turingpi/core/plugin';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventfulRun, type Fate, RUN_START, SAMPLE_RUN_ID, sampleRun } from '../sample-run.fixture.js';
import { advanceRun, foldRun } from './advance-run.js';
import { EMPTY_RUN } from './run-view.js';
import { withoutStaleProgress } from './without-stale-progress.js';

const events = eventfulRun();
const view = foldRun(events);
const [first, second, , fourth] = view.nodes;

/** Events with the numbers, times and id that a run gives them. */
function told(...lines: readonly object[]): RunEvent[] {
  return lines.map(
    (line, seq) =>
      ({
        ...{ seq, runId: SAMPLE_RUN_ID, at: new Date(RUN_START + seq * 1000).toISOString() },
        ...line,
      }) as RunEvent,
  );
}
const NODE = { nodeId: 1, hostname: 'one' };
const POST = { ...NODE, phase: 'post_installation' };

describe('a run', () => {
  it('has the facts of its beginning and its end', () => {
    expect(view.facts).toEqual({
      ...{ runId: SAMPLE_RUN_ID, command: 'up', version: '0.1.0', host: 'workbench', pid: 4711 },
    });
    expect(view.status).toBe('failed');
    expect(view.startedAt).toBe(RUN_START);
    expect(view.endedAt).toBe(Date.parse(events.at(-1)!.at));
    expect(view.boards).toEqual([{ name: '', address: '192.168.1.90', simulated: true }]);
  });

  it('knows each node, what is in its slot, how it ended, and what is known of its power', () => {
    expect(
      view.nodes.map(({ hostname, module, status, power }) => [hostname, module, status, power]),
    ).toEqual([
      ['node-1', 'rk1', 'completed', 'on'],
      ['node-2', 'rk1', 'blocked', 'unknown'],
      ['node-3', 'cm4', 'failed', 'unknown'],
      ['node-4', 'rk1', 'failed', 'on'],
    ]);
  });

  it('knows why each phase ran', () => {
    expect(first!.phases.map(({ phase, reason }) => [phase, reason])).toEqual([
      ['image_customization', 'first run'],
      ['os_installation', 'first run'],
      ['post_installation', 'first run'],
    ]);
    expect(second!.phases[0]).toMatchObject({
      reason: 'inputs changed',
      changes: [{ name: 'network.hostname', before: 'old-name', after: 'node-2' }],
    });
  });

  it('has the flash slot for one node at a time, and how long it was waited for', () => {
    const spans = view.nodes
      .flatMap(({ resources }) => resources.filter(({ resource }) => resource === 'slot'))
      .toSorted((a, b) => a.from - b.from);
    expect(spans).toHaveLength(3);
    for (const [index, { from }] of spans.slice(1).entries())
      expect(from).toBeGreaterThanOrEqual(spans[index]!.to!);
    expect(fourth!.resources.at(-1)!.waitedMs).toBeGreaterThan(200_000);
  });

  it('counts what each action did', () => {
    const { actions } = first!;
    expect(actions.map(({ index }) => index)).toEqual(Array.from({ length: 12 }, (_, index) => index));
    expect(actions.slice(0, 3).map(({ status, changed }) => [status, changed])).toEqual([
      ['replayed', undefined],
      ['replayed', undefined],
      ['completed', true],
    ]);
    expect(fourth!.actions.at(-1)).toMatchObject({ status: 'failed', failure: { code: 'COMMAND_FAILED' } });
  });

  it('has the progress of a phase only while it runs', () => {
    const until = events.findIndex(({ type }) => type === 'resource:released');
    const running = foldRun(events.slice(0, until)).nodes[0]!.phases[0]!;
    expect(running).toMatchObject({ status: 'running', progress: { activity: 'write' } });
    expect(view.nodes.flatMap(({ phases }) => phases).filter(({ progress }) => progress)).toEqual([]);
  });

  it('keeps a warning that the next progress would hide', () => {
    const { nodes } = foldRun(
      told(
        { type: 'phase:started', ...POST, reason: 'first run' },
        {
          type: 'phase:progress',
          ...POST,
          progress: { activity: 'warning', note: 'old EEPROM', warning: true },
        },
        { type: 'phase:progress', ...POST, progress: { activity: 'connect' } },
      ),
    );
    expect(nodes[0]!.phases[0]).toMatchObject({
      warnings: ['old EEPROM'],
      progress: { activity: 'connect' },
    });
  });

  it('is one execution, with what was told before it was known to run', () => {
    const { nodes } = foldRun(
      told(
        { type: 'phase:progress', ...POST, progress: { activity: 'connect' } },
        { type: 'phase:started', ...POST, reason: 'actions changed' },
        { type: 'phase:completed', ...POST, durationMs: 1000 },
      ),
    );
    expect(nodes[0]!.phases).toMatchObject([
      { status: 'completed', reason: 'actions changed', from: RUN_START, to: RUN_START + 2000 },
    ]);
  });

  it('says what became of a run before it that crashed', () => {
    const note = 'process 7 on lab had begun it';
    const { nodes } = foldRun(told({ type: 'phase:started', ...POST, reason: 'previous run crashed', note }));
    expect(nodes[0]!.phases).toMatchObject([{ reason: 'previous run crashed', note }]);
  });

  it('says of a skipped phase what was noted', () => {
    const { nodes } = foldRun(told({ type: 'phase:skipped', ...POST, note: 'it did not answer' }));
    expect(nodes[0]!.phases).toMatchObject([{ status: 'skipped', note: 'it did not answer' }]);
  });

  it('is being cancelled until it ends, and what ran then was stopped', () => {
    const lines = told(
      { type: 'node:started', ...NODE },
      { type: 'phase:started', ...POST, reason: 'first run' },
      { type: 'action:started', ...POST, action: 'remote.runCommand', index: 0 },
      { type: 'run:cancelling', by: 'SIGINT' },
      { type: 'run:ended', outcome: 'aborted', durationMs: 4000 },
    );
    expect(foldRun(lines.slice(0, -1))).toMatchObject({ status: 'cancelling', cancelledBy: 'SIGINT' });
    expect(foldRun(lines)).toMatchObject({
      status: 'aborted',
      nodes: [
        {
          status: 'aborted',
          phases: [{ status: 'aborted' }],
          actions: [{ status: 'aborted', to: RUN_START + 4000 }],
        },
      ],
    });
  });

  it('has every attempt of a phase that is tried again', () => {
    const failure = { code: 'SSH_UNREACHABLE', message: 'no answer', durationMs: 1000 };
    const { nodes } = foldRun(
      told(
        { type: 'phase:started', ...POST, reason: 'first run' },
        { type: 'phase:failed', ...POST, ...failure },
        { type: 'node:failed', ...NODE, ...failure },
        { type: 'node:started', ...NODE },
        { type: 'phase:started', ...POST, reason: 'previous run failed' },
      ),
    );
    expect(nodes[0]).toMatchObject({
      status: 'running',
      phases: [{ status: 'failed' }, { status: 'running' }],
    });
    expect(nodes[0]).not.toHaveProperty('failure');
  });

  it('ends with a phase the action that it broke off', () => {
    const { nodes } = foldRun(
      told(
        { type: 'phase:started', ...POST, reason: 'first run' },
        { type: 'action:started', ...POST, action: 'remote.runCommand', index: 0 },
        { type: 'phase:failed', ...POST, code: 'SSH_TIMEOUT', message: 'm', durationMs: 1000 },
      ),
    );
    expect(nodes[0]!.actions).toMatchObject([{ status: 'aborted', to: RUN_START + 2000 }]);
  });

  it('ends a phase of which nothing more was told when the next one begins', () => {
    const { nodes } = foldRun(
      told(
        { type: 'phase:started', ...NODE, phase: 'os_installation', reason: 'first run' },
        { type: 'phase:started', ...POST, reason: 'first run' },
      ),
    );
    expect(nodes[0]!.phases).toMatchObject([
      { status: 'aborted', to: RUN_START + 1000 },
      { status: 'running' },
    ]);
  });

  it('has every attempt of an action', () => {
    const action = { ...POST, action: 'remote.runCommand', index: 0 };
    const failure = { code: 'COMMAND_FAILED', message: 'm', durationMs: 10 };
    const { nodes } = foldRun(
      told(
        { type: 'action:started', ...action },
        { type: 'action:failed', ...action, ...failure },
        { type: 'action:completed', ...action, durationMs: 500, changed: true },
      ),
    );
    expect(nodes[0]!.actions).toMatchObject([
      { status: 'failed', failure: { code: 'COMMAND_FAILED' } },
      { status: 'completed', from: RUN_START + 1500, to: RUN_START + 2000, changed: true },
    ]);
  });

  it('gives back what is given back, and nothing else', () => {
    const resource = (name: string) => ({ ...POST, resource: name });
    const { nodes } = foldRun(
      told(
        { type: 'resource:acquired', ...resource('ssh'), waitedMs: 0 },
        { type: 'resource:acquired', ...resource('slot'), waitedMs: 0 },
        { type: 'resource:released', ...resource('ssh') },
      ),
    );
    const spans = nodes[0]!.resources.map((span) => [span.resource, span.to]);
    expect(spans).toEqual([
      ['ssh', RUN_START + 2000],
      ['slot', undefined],
    ]);
  });

  it('takes a node that it did not announce, and boards apart that have equal slots', () => {
    const { boards, nodes } = foldRun(
      told(
        { type: 'node:started', ...NODE, board: 'left' },
        { type: 'node:started', ...NODE, board: 'right' },
        { type: 'node:aborted', ...NODE, board: 'left', durationMs: 1 },
      ),
    );
    expect(boards.map(({ name }) => name)).toEqual(['left', 'right']);
    expect(nodes.map(({ board, status }) => [board, status])).toEqual([
      ['left', 'aborted'],
      ['right', 'running'],
    ]);
  });

  it('leaves out what it does not know', () => {
    const odd = told(
      { type: 'run:weather', temperature: 3 },
      { type: 'node:dances', ...NODE },
      { type: 'run:note', text: 'n' },
    );
    expect(foldRun(odd)).toMatchObject({ seq: 2, notes: ['n'] });
  });

  it('goes on when the clock is set back', () => {
    const [start, end] = told(
      { type: 'node:started', ...NODE },
      { type: 'node:completed', ...NODE, durationMs: 1 },
    );
    const { nodes } = foldRun([start!, { ...end!, at: '2020-01-01T00:00:00.000Z' }]);
    expect(nodes[0]).toMatchObject({ from: RUN_START, to: RUN_START });
  });
});

const FATES: readonly Fate[] = ['completed', 'install failed', 'action failed', 'blocked', 'skipped'];

describe('of any run', () => {
  const runs = fc
    .record({
      boards: fc.integer({ min: 1, max: 3 }),
      nodes: fc.integer({ min: 1, max: 4 }),
      actions: fc.integer({ min: 0, max: 9 }),
      fates: fc.array(fc.constantFrom(...FATES), { minLength: 5, maxLength: 5 }),
    })
    .map(({ fates, ...options }) =>
      sampleRun({
        ...options,
        fate: (board, slot) => fates[(board * 4 + slot) % fates.length]!,
      }),
    );
  const cut = fc.nat().chain((place) => runs.map((run) => ({ run, place: place % (run.length + 1) })));

  it('every beginning is a view, from which the rest leads to the same end', () => {
    fc.assert(
      fc.property(cut, ({ run, place }) => {
        const beginning = foldRun(run.slice(0, place));
        const before = structuredClone(beginning);
        expect(advanceRun(beginning, run.slice(place))).toEqual(foldRun(run));
        expect(beginning, 'is not changed').toEqual(before);
        expect(beginning.seq).toBe(place - 1);
      }),
      { numRuns: 40 },
    );
  });

  it('what was seen already changes nothing', () => {
    fc.assert(
      fc.property(cut, ({ run, place }) => {
        const whole = foldRun(run);
        expect(advanceRun(whole, run.slice(place))).toBe(whole);
      }),
      { numRuns: 40 },
    );
  });

  it('nothing is open at its end, and no time runs backwards', () => {
    fc.assert(
      fc.property(runs, (run) => {
        for (const { status, phases, actions, resources } of foldRun(run).nodes) {
          expect(['running', 'waiting']).not.toContain(status);
          for (const { from, to } of [...phases, ...actions, ...resources])
            expect(to).toBeGreaterThanOrEqual(from);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('progress that was replaced is not needed', () => {
    fc.assert(
      fc.property(cut, ({ run, place }) => {
        const beginning = run.slice(0, place);
        const fewer = withoutStaleProgress(beginning);
        expect(foldRun(fewer)).toEqual(foldRun(beginning));
        expect(withoutStaleProgress(fewer)).toEqual(fewer);
      }),
      { numRuns: 40 },
    );
    expect(withoutStaleProgress(events).length).toBeLessThan(events.length / 3);
    const small = sampleRun({ nodes: 1, actions: 2 });
    for (const place of small.keys()) {
      const beginning = small.slice(0, place);
      expect(foldRun(withoutStaleProgress(beginning))).toEqual(foldRun(beginning));
    }
  });

  it('without events it is the empty one', () => {
    expect(foldRun([])).toBe(EMPTY_RUN);
  });
});
