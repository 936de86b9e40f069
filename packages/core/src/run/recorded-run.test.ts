import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Node1, Node2, Secret, TuringPiError } from '@turingpi/foundation';
import { describe, expect, it, vi } from 'vitest';
import {
  actionsStep,
  imageStep,
  installationStep,
  rejection,
  sampleCluster,
  samplePlugin,
  temporaryDirectory,
} from '../cluster/sample-cluster.fixture.js';
import type { TuringPi } from '../cluster/turing-pi.js';
import type { Workflow } from '../cluster/workflow.js';
import { bundleForChild } from '../state/bundle-for-child.fixture.js';
import { definePlugin } from '../plugin/define-plugin.js';
import type { LiveRunEvent, RunEvent } from './run-event.js';
import { RunStore } from './run-store.js';

class Trouble extends TuringPiError<'TROUBLE'> {}

const everything: Workflow = async (context) => {
  await context.runPhase(imageStep());
  await context.runPhase(installationStep());
  await context.runJournaledPhase(actionsStep(['a', 'b'], []));
};
async function eventsOf(cluster: TuringPi, id?: string): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of cluster.runs.read((await cluster.runs.find(id)).id)) events.push(event);
  return events;
}
const typesOf = (events: readonly RunEvent[], nodeId: number) =>
  events.flatMap((event) => ('nodeId' in event && event.nodeId === nodeId ? [event.type] : []));

describe('runAll', () => {
  it('tells plugins that were started what it leaves on file, with secrets blotted out', async () => {
    const told: LiveRunEvent[] = [];
    const onRunEvent = vi.fn((event: LiveRunEvent) => {
      told.push(event);
      if (event.type === 'phase:started') throw new Error('a listener must not matter');
      if (event.type === 'phase:completed')
        return Promise.reject(new Error('nor an asynchronous one')) as never;
    });
    const observer = definePlugin({
      name: 'observer',
      start: () => ({ onRunEvent, [Symbol.asyncDispose]: () => Promise.resolve() }),
    });
    const { cluster } = await sampleCluster({
      plugins: [samplePlugin, observer],
      bmc: { password: 'hunter2hunter2' },
    });
    const notes = ['the password is hunter2hunter2'];
    const { completed } = await cluster.runAll(cluster.run(everything), { notes });
    expect(completed).toBe(true);
    const onFile = (await eventsOf(cluster)).map(({ seq, ...event }) => event);
    expect(told).toEqual(onFile);
    expect(told[1]).toMatchObject({
      type: 'run:note',
      text: expect.not.stringContaining('hunter2') as string,
    });
  });

  it('leaves on file what happened, from its beginning to its end', async () => {
    const { cluster, events: told } = await sampleCluster();
    const onStart = vi.fn();
    const options = { command: 'up', version: '1.2.3', notes: ['to be known'], simulated: true, onStart };
    const { runId } = await cluster.runAll(cluster.run(everything), options);
    const events = await eventsOf(cluster, runId);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
    expect(events[0]).toMatchObject({
      ...{ type: 'run:started', schema: 1, runId, command: 'up', version: '1.2.3', pid: process.pid },
      boards: [{ address: '10.0.0.2', simulated: true }],
      nodes: [
        { nodeId: 1, hostname: 'turingpi-node1', module: 'rk1', address: '10.0.0.11' },
        { nodeId: 2, hostname: 'turingpi-node2', module: 'rk1', address: '10.0.0.12' },
      ],
    });
    expect(events[1]).toMatchObject({ type: 'run:note', text: 'to be known' });
    expect(events.at(-1)).toMatchObject({ type: 'run:ended', outcome: 'completed' });
    const ofNodes = events.filter((event) => 'nodeId' in event);
    expect(ofNodes).toEqual(told.map((event) => expect.objectContaining(event) as RunEvent));
    expect(typesOf(events, 1)).toEqual([
      ...['node:started', 'resource:acquired', 'phase:started', 'resource:released', 'phase:completed'],
      ...['phase:started', 'phase:completed'],
      ...['phase:started', 'action:started', 'action:completed', 'action:started', 'action:completed'],
      ...['phase:completed', 'node:completed'],
    ]);
    expect(onStart).toHaveBeenCalledWith({
      id: runId,
      file: path.join(cluster.runs.directory, `${runId}.jsonl`),
    });
  });

  it('is stopped also where who is told of it fails', async () => {
    const { cluster } = await sampleCluster();
    const stop = new AbortController();
    const workflow: Workflow = async ({ signal }) => {
      stop.abort(new Error('enough'));
      signal.throwIfAborted();
    };
    const fails = () => {
      throw new Error('the terminal is gone');
    };
    const [onStart, onCancelling] = [vi.fn(fails), vi.fn(fails)];
    const onUncaught = vi.fn();
    process.on('uncaughtException', onUncaught);
    try {
      await cluster
        .runAll(cluster.run(workflow), { signal: stop.signal, onStart, onCancelling })
        .catch(() => undefined);
      await new Promise((done) => setImmediate(done));
    } finally {
      process.off('uncaughtException', onUncaught);
    }
    expect(onStart).toHaveBeenCalledTimes(1);
    expect(onCancelling).toHaveBeenCalledTimes(1);
    expect(onUncaught).not.toHaveBeenCalled();
    expect((await eventsOf(cluster)).at(-1)).toMatchObject({ type: 'run:ended', outcome: 'aborted' });
  });

  it('tells what changed, what was replayed, and what an action says of itself', async () => {
    const { cluster } = await sampleCluster();
    const workflow =
      (dns: string, installed: string, actions: readonly string[]): Workflow =>
      async (context) => {
        await context.runPhase(imageStep({ inputs: { dns } }));
        await context.runPhase(installationStep({ inputs: { installed } }));
        await context.runJournaledPhase({
          ...actionsStep(actions, []),
          run: async (_, journal) => {
            for (const [index, action] of actions.entries())
              await journal.perform(action, {}, async () => ({ changed: index > 0 }), {
                note: `do ${action}`,
              });
          },
        });
      };
    await cluster.run(workflow('9.9.9.9', 'a', ['one']))(Node1);
    await cluster.run(workflow('9.9.9.9', 'a', ['one', 'two']))(Node1);
    expect((await eventsOf(cluster)).filter(({ type }) => type.startsWith('action:'))).toMatchObject([
      { type: 'action:replayed', action: 'one', index: 0 },
      { type: 'action:started', action: 'two', index: 1, note: 'do two' },
      { type: 'action:completed', action: 'two', index: 1, changed: true },
    ]);
    await cluster.runAll(cluster.run(workflow('1.1.1.1', 'b', [])), { nodes: [Node1], reinstall: [Node1] });
    expect((await eventsOf(cluster)).filter(({ type }) => type === 'phase:started')).toMatchObject([
      { phase: 'image_customization', changes: [{ name: 'dns', before: '9.9.9.9', after: '1.1.1.1' }] },
      { phase: 'os_installation', changes: [{ name: 'installed', before: 'a', after: 'b' }] },
      { phase: 'post_installation' },
    ]);
  });

  it('tells of a failure what to do and what the console showed, and never a secret', async () => {
    const secret = 'correct horse battery';
    const { cluster } = await sampleCluster({ bmc: { password: secret }, ssh: { password: 'turingpi' } });
    const lines = Array.from({ length: 30 }, (_, index) => `line ${index} ${secret} ${'x'.repeat(600)}`);
    const provision = cluster.run(async (context) => {
      context.registerSecret(new Secret('hunter2 of the user'));
      await context.runPhase(
        imageStep({
          inputs: { motd: `say ${secret}` },
          run: async ({ progress }) => {
            progress({ activity: 'wait', note: secret });
            const cause = new Trouble('TROUBLE', 'x', { hint: 'y', details: { console: lines } });
            throw new Trouble('TROUBLE', `no ${secret}`, { hint: 'try hunter2 of the user', cause });
          },
        }),
      );
    });
    await cluster.runAll(provision, { nodes: [Node1], notes: [`note ${secret}`] });
    const { file } = await cluster.runs.find();
    const text = await readFile(file, 'utf8');
    expect(text).not.toContain(secret);
    expect(text).not.toContain('hunter2 of');
    expect(text).toContain('turingpi-node1'); // names are not torn apart
    const failed = (await eventsOf(cluster)).filter(({ type }) => type.endsWith(':failed'));
    expect(failed.map(({ type }) => type)).toEqual(['phase:failed', 'node:failed']);
    for (const event of failed) {
      expect(event).toMatchObject({ code: 'TROUBLE', message: 'no [secret]', hint: 'try [secret]' });
      const { console: shown = [] } = event as { console?: readonly string[] };
      expect(shown).toHaveLength(20);
      expect(shown[0]).toMatch(/^line 10 \[secret\] x+$/);
      expect(Math.max(...shown.map(({ length }) => length))).toBeLessThanOrEqual(500);
    }
    const state = await readFile(cluster.stateFile, 'utf8');
    expect(state).not.toContain('console');
    expect(state).not.toContain('hint');
  });

  it('ends as its nodes did', async () => {
    const { cluster } = await sampleCluster({}, { approve: 'none' });
    const outcome = async (workflow: Workflow, signal?: AbortSignal) => {
      await cluster.runAll(cluster.run(workflow), { ...(signal && { signal }) });
      return (await cluster.runs.find()).outcome;
    };
    expect(await outcome(async () => undefined)).toBe('completed');
    expect(await outcome(everything)).toBe('incomplete'); // not approved
    expect(await outcome(async () => Promise.reject(new Error('no')))).toBe('failed');
    const stop = new AbortController();
    const stopping: Workflow = async ({ signal }) => {
      stop.abort();
      signal.throwIfAborted();
    };
    expect(await outcome(stopping, stop.signal)).toBe('aborted');
  });

  it('is on file also when it could not begin', async () => {
    const { cluster } = await sampleCluster();
    await writeFile(cluster.stateFile, 'damaged');
    expect(await rejection(cluster.runAll(cluster.run(everything)))).toMatchObject({
      code: 'STATE_UNREADABLE',
    });
    expect((await cluster.runs.find()).outcome).toBe('failed');
    expect((await eventsOf(cluster))[1]).toMatchObject({ type: 'run:note' });
  });

  it('goes on where it cannot be written', async () => {
    const { cluster, directory } = await sampleCluster();
    await writeFile(path.join(directory, 'runs'), '');
    await chmod(path.join(directory, 'runs'), 0o400);
    expect((await cluster.runAll(cluster.run(everything))).completed).toBe(true);
  });
});

it('a node that is run by itself is a run of a program', async () => {
  const { cluster } = await sampleCluster();
  const provision = cluster.run(everything);
  await Promise.all([provision(Node1), provision(Node2)]);
  const [second, first] = await cluster.runs.list();
  const nodes = [first, second].map((run) => run?.started?.nodes.map(({ nodeId }) => nodeId));
  expect(nodes.flat().sort()).toEqual([1, 2]);
  expect(first?.started).toMatchObject({
    command: 'program',
    version: expect.stringMatching(/^\d/) as string,
  });
  const events = await eventsOf(cluster, first?.id);
  expect(new Set(events.flatMap((event) => ('nodeId' in event ? [event.nodeId] : []))).size).toBe(1);
});

describe('to cancel', () => {
  it('asks the run to stop, which says who asked', async () => {
    const { cluster } = await sampleCluster();
    const onCancelling = vi.fn();
    const provision = cluster.run(async ({ signal }) => {
      await new RunStore(cluster.runs.directory).requestCancel((await cluster.runs.find()).id, 'somebody');
      await once(signal, 'abort');
      signal.throwIfAborted();
    });
    const { nodes } = await cluster.runAll(provision, { nodes: [Node1], onCancelling });
    expect(nodes).toMatchObject([{ outcome: 'aborted' }]);
    expect(onCancelling).toHaveBeenCalledWith('somebody');
    expect((await eventsOf(cluster)).slice(-3)).toMatchObject([
      { type: 'run:cancelling', by: 'somebody' },
      { type: 'node:aborted' },
      { type: 'run:ended', outcome: 'aborted' },
    ]);
    expect((await cluster.runAll(cluster.run(async () => undefined))).completed).toBe(true);
  });
});

it('that its process leaves at once, as at a second Ctrl-C, was stopped', async () => {
  const directory = await temporaryDirectory();
  const child = await bundleForChild(new URL('./exit-in-run.fixture.ts', import.meta.url));
  const [code] = (await once(spawn(process.execPath, [child, directory]), 'exit')) as [number];
  expect(code).toBe(130);
  const runs = new RunStore(path.join(directory, 'runs'));
  const { id, outcome } = await runs.find();
  expect(outcome).toBe('aborted');
  const types: string[] = [];
  for await (const { type } of runs.read(id)) types.push(type);
  expect(types).toEqual(['run:started', 'node:started', 'run:note', 'run:ended']);
});

it('of a process that is killed has died; the next one says whose phase it goes on with', async () => {
  const directory = await temporaryDirectory();
  const child = await bundleForChild(new URL('../cluster/hang-in-phase.fixture.ts', import.meta.url));
  const running = spawn(process.execPath, [child, directory, 'os_installation'], { stdio: 'pipe' });
  await once(createInterface({ input: running.stdout }), 'line');
  const runs = new RunStore(path.join(directory, 'runs'));
  expect((await runs.find()).outcome).toBe('running');
  running.kill('SIGKILL');
  await once(running, 'exit');
  expect((await runs.find()).outcome).toBe('died');
  const { cluster, events } = await sampleCluster({}, { directory });
  await cluster.run(async (context) => {
    await context.runPhase(imageStep());
    await context.runPhase(installationStep());
  })(Node1);
  expect(
    events.find((event) => event.type === 'phase:started' && event.phase === 'os_installation'),
  ).toMatchObject({
    reason: 'previous run crashed',
    note: expect.stringMatching(
      new RegExp(
        `^process ${running.pid} on .* \\(a program, since 20.*\\) ended in the middle of it: .*disk`,
      ),
    ) as string,
  });
});
