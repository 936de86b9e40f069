import { readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { describe, expect, it, vi } from 'vitest';
import {
  actionsStep,
  rejection,
  sampleCluster,
  type SampleCluster,
} from '../cluster/sample-cluster.fixture.js';
import { Node1 } from '@turingpi/foundation';
import { FileStateStore } from '../state/file-state-store.js';
import type { JournaledPhaseStep } from './phase-step.js';
import type { ConfiguredNode } from './phase.js';

async function run(
  { cluster }: SampleCluster,
  step: JournaledPhaseStep,
  signal?: AbortSignal,
): Promise<ConfiguredNode> {
  let output: ConfiguredNode | undefined;
  await cluster.run(async (context) => {
    output = await context.runJournaledPhase(step);
  })(Node1, signal ? { signal } : {});
  return output!;
}
const phaseEvents = ({ events }: SampleCluster) =>
  events
    .filter(({ type }) => type.startsWith('phase:'))
    .map((event) => ('reason' in event ? `${event.type} (${event.reason})` : event.type));
const record = async (sample: SampleCluster) => (await sample.state()).Node1!.post_installation!;
const journal = ({ cluster }: SampleCluster) => cluster.journal(Node1);
const SKIPPED = ['phase:skipped'];

describe('the journaled phase', () => {
  it('records every action, and skips a run in which all match', async () => {
    const sample = await sampleCluster();
    const done: string[] = [];
    expect(await run(sample, actionsStep(['a', 'b'], done))).toEqual({
      installationId: 'installation-1',
      actions: 2,
    });
    expect(await record(sample)).toMatchObject({ status: 'completed', installation_id: 'installation-1' });
    expect(await journal(sample)).toMatchObject([
      { action: 'remote.runCommand', result: { action: 'a' } },
      { action: 'remote.runCommand', result: { action: 'b' } },
    ]);
    const before = await sample.state();
    await run(sample, actionsStep(['a', 'b'], done));
    expect(done).toEqual(['a', 'b']);
    expect(phaseEvents(sample).slice(2)).toEqual(SKIPPED);
    expect(await sample.state()).toEqual(before);
  });

  it('gives recorded results to the callback', async () => {
    const sample = await sampleCluster();
    const results: unknown[] = [];
    const step = actionsStep([], [], {
      run: async (_environment, journal) => {
        results.push(await journal.perform('read', 'x', async () => ({ n: results.length })));
        results.push(await journal.perform('nothing', 'x', async () => undefined as never));
      },
    });
    await run(sample, step);
    await run(sample, step);
    expect(results).toEqual([{ n: 0 }, null, { n: 0 }, null]);
  });

  it('goes on at the action that failed', async () => {
    const sample = await sampleCluster();
    const done: string[] = [];
    let broken = true;
    const names = ['a', 'b', 'c', 'd'];
    const step = actionsStep([], done, {
      run: async (_environment, journal) => {
        for (const name of names)
          await journal.perform('run', name, async () => {
            if (name === 'c' && broken) throw new Error('c failed');
            done.push(name);
            return name;
          });
      },
    });
    await expect(run(sample, step)).rejects.toMatchObject({ code: 'PHASE_FAILED' });
    expect(await record(sample)).toMatchObject({ status: 'failed', error: { code: 'PHASE_FAILED' } });
    expect(done).toEqual(['a', 'b']);
    broken = false;
    await run(sample, step);
    expect(done).toEqual(['a', 'b', 'c', 'd']);
    expect(phaseEvents(sample)).toContain('phase:started (previous run failed)');
    await run(sample, step);
    expect(phaseEvents(sample).at(-1)).toBe('phase:skipped');
  });

  it('executes everything from the first difference on', async () => {
    const sample = await sampleCluster();
    await run(sample, actionsStep(['a', 'b', 'c'], []));
    const done: string[] = [];
    await run(sample, actionsStep(['a', 'x', 'c'], done));
    expect(done).toEqual(['x', 'c']);
    expect(phaseEvents(sample)).toContain('phase:started (actions changed)');
    expect(await journal(sample)).toHaveLength(3);
  });

  it('runs what was added at the end, and drops what was removed there', async () => {
    const sample = await sampleCluster();
    await run(sample, actionsStep(['a'], []));
    const done: string[] = [];
    await run(sample, actionsStep(['a', 'b'], done));
    expect(done).toEqual(['b']);
    expect(await run(sample, actionsStep(['a'], done))).toMatchObject({ actions: 1 });
    expect(done).toEqual(['b']);
    expect(await journal(sample)).toHaveLength(1);
    await run(sample, actionsStep(['a', 'b'], done)); // b was forgotten: it is done anew
    expect(done).toEqual(['b', 'b']);
  });

  it('starts from nothing on another installation, whatever the inputs say', async () => {
    const sample = await sampleCluster();
    const done: string[] = [];
    await run(sample, actionsStep(['a'], done));
    await run(sample, actionsStep(['a'], done, { installationId: 'installation-2' }));
    expect(done).toEqual(['a', 'a']);
    expect(phaseEvents(sample)).toContain('phase:started (inputs changed)');
    expect(await record(sample)).toMatchObject({ installation_id: 'installation-2' });
  });

  it('does actions one after the other in the order of their calls, awaited or not', async () => {
    const sample = await sampleCluster();
    const log: string[] = [];
    const slow = (name: string) => async () => {
      log.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      log.push(`${name} ends`);
      return name;
    };
    const step = actionsStep([], [], {
      run: async ({ cleanup }, journal) => {
        cleanup.defer('connection', () => void log.push('closed'));
        await Promise.all(['a', 'b'].map((name) => journal.perform('run', name, slow(name))));
        void journal.perform('run', 'c', slow('c'));
      },
    });
    await run(sample, step);
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends', 'closed']);
    expect(await journal(sample)).toHaveLength(3);
    await run(sample, step);
    expect(log.at(-1)).toBe('closed');
    expect(log).toHaveLength(8);
  });

  it('fails when an action fails that nobody awaited', async () => {
    const sample = await sampleCluster();
    const step = actionsStep([], [], {
      run: async (_environment, journal) => {
        void journal.perform('run', 'a', async () => Promise.reject(new Error('unnoticed')));
      },
    });
    await expect(run(sample, step)).rejects.toThrow('unnoticed');
    expect((await record(sample)).status).toBe('failed');
  });

  it('does no further action after the callback failed, and none writes over the failure', async () => {
    const sample = await sampleCluster();
    const done: string[] = [];
    let late: Promise<unknown> | undefined;
    const step = actionsStep([], done, {
      run: async ({ cleanup }, journal) => {
        cleanup.defer('connection', () => void done.push('closed'));
        const act = (name: string) =>
          journal.perform('run', name, async () => {
            await new Promise((resolve) => setImmediate(resolve));
            if (name === 'a') throw new Error('a failed');
            done.push(name);
            return name;
          });
        const all = ['a', 'b', 'c', 'd'].map(act);
        late = Promise.allSettled(all);
        await Promise.all(all);
      },
    });
    await expect(run(sample, step)).rejects.toThrow('a failed');
    await late;
    expect((await record(sample)).status).toBe('failed');
    expect(done.at(-1)).toBe('closed');
    expect(done).not.toContain('d');
  });

  it('lets a callback go on after an action that it saw failing', async () => {
    const sample = await sampleCluster();
    const done: string[] = [];
    const step = actionsStep([], done, {
      run: async (_environment, journal) => {
        await journal.perform('run', 'a', async () => Promise.reject(new Error('no'))).catch(() => undefined);
        await journal.perform('run', 'b', async () => done.push('b'));
      },
    });
    await run(sample, step);
    expect(await record(sample)).toMatchObject({ status: 'completed' });
    expect(await journal(sample)).toMatchObject([{ result: 1 }]);
    await run(sample, step); // the failed action has no result on record: it is tried again, and so is the rest
    expect(done).toEqual(['b', 'b']);
  });

  it('stops at the next action when it is aborted, and goes on there later', async () => {
    const sample = await sampleCluster();
    const done: string[] = [];
    const abort = new AbortController();
    const step = (controller?: AbortController) =>
      actionsStep([], done, {
        run: async (_environment, journal) => {
          for (const name of ['a', 'b', 'c'])
            await journal.perform('run', name, async () => {
              done.push(name);
              if (name === 'b') controller?.abort();
              return name;
            });
        },
      });
    expect(await rejection(run(sample, step(abort), abort.signal))).toMatchObject({ name: 'AbortError' });
    expect(await record(sample)).toMatchObject({ status: 'failed', error: { code: 'ABORTED' } });
    await run(sample, step());
    expect(done).toEqual(['a', 'b', 'c']);
  });

  it.each(['fails', 'is aborted'])(
    'takes up twenty actions at each of them, when it %s there',
    async (how) => {
      const sample = await sampleCluster();
      const names = Array.from({ length: 20 }, (_, index) => `action ${index}`);
      const done: string[] = [];
      /** Interrupted at an action: when it has begun, before it had any effect. */
      const upTo = async (last: string | undefined) => {
        const stop = new AbortController();
        const step = actionsStep([], done, {
          run: async (_environment, journal) => {
            for (const name of names)
              await journal.perform('run', name, async () => {
                if (name === last && how === 'is aborted') stop.abort();
                stop.signal.throwIfAborted();
                if (name === last) throw new Error('it failed');
                done.push(name);
                return name;
              });
          },
        });
        await run(sample, step, stop.signal).catch(() => undefined);
      };
      for (const [index, name] of names.entries()) {
        await upTo(name);
        expect(done).toEqual(names.slice(0, index));
      }
      await upTo(undefined);
      expect(done).toEqual(names);
      expect(await record(sample)).toMatchObject({ status: 'completed' });
    },
  );

  it('keeps the journal of a completed run when a later one fails before its first new action', async () => {
    const sample = await sampleCluster();
    const done: string[] = [];
    await run(sample, actionsStep(['a'], done));
    await expect(
      run(sample, actionsStep([], done, { run: async () => Promise.reject(new Error('no')) })),
    ).rejects.toThrow();
    await run(sample, actionsStep(['a'], done));
    expect(done).toEqual(['a']);
  });

  it('of somebody who finishes just before it is looked whether they live is not done again', async () => {
    const sample = await sampleCluster();
    const done: string[] = [];
    await run(sample, actionsStep(['a'], done));
    const text = await readFile(sample.cluster.stateFile, 'utf8');
    const state = await sample.state();
    const owner = { pid: process.pid, host: os.hostname(), instance: 'other', started_at: '' };
    const running = { ...(await record(sample)), status: 'running', owner };
    const write = (next: string) => writeFile(sample.cluster.stateFile, next);
    await write(JSON.stringify({ ...state, Node1: { ...state.Node1, post_installation: running } }));
    vi.spyOn(FileStateStore.prototype, 'holder').mockImplementationOnce(async function (
      this: FileStateStore,
      ...asked
    ) {
      await write(text);
      return this.holder(...asked); // the real one
    });
    await run(sample, actionsStep(['a'], done));
    expect(done).toEqual(['a']);
    expect(phaseEvents(sample).at(-1)).toBe('phase:skipped');
  });
});
