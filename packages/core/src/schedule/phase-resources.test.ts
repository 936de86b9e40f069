import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  imageStep,
  installationStep,
  SAMPLE_INSTALLATION,
  sampleCluster,
} from '../cluster/sample-cluster.fixture.js';
import type { PhaseEnvironment } from '../phase/phase-step.js';
import type { PhaseRecord } from '../state/state-document.js';
import { FileStateStore } from '../state/file-state-store.js';

type Sample = Awaited<ReturnType<typeof sampleCluster>>;

/** Runs the first two phases of a node; what `inInstallation` does is done instead of the installation's work. */
const install = (sample: Sample, inInstallation: (environment: PhaseEnvironment) => Promise<void>) =>
  sample.cluster.runAll(
    sample.cluster.run(async (context) => {
      await context.runPhase(imageStep());
      const step = installationStep();
      await context.runPhase({
        ...step,
        resources: ['slot'],
        run: async (environment) => {
          const output = await step.run(environment);
          await inInstallation(environment);
          return output;
        },
      });
    }),
  );

const moments = ({ events }: Sample) =>
  events.flatMap((event) =>
    event.nodeId === 1 && (event.type === 'resource:acquired' || event.type === 'resource:released')
      ? [`${event.type} ${event.resource}`]
      : [],
  );

describe('resources of a phase', () => {
  it('are told when they are there and when they are given back, also after a failure', async () => {
    const sample = await sampleCluster();
    await install(sample, async (environment) => {
      await using slot = await environment.take('slot');
      throw new Error(slot.signal.aborted ? 'aborted' : 'no');
    });
    expect(moments(sample)).toEqual([
      'resource:acquired image-work',
      'resource:released image-work',
      'resource:acquired slot',
      'resource:released slot',
    ]);
  });

  it('are each had by as many nodes as there are', async () => {
    const sample = await sampleCluster();
    let now = 0;
    let most = 0;
    const { completed } = await install(sample, async (environment) => {
      const slot = await environment.take('slot');
      most = Math.max(most, (now += 1));
      await sleep(1);
      now -= 1;
      await slot[Symbol.asyncDispose]();
    });
    expect({ completed, most }).toEqual({ completed: true, most: 1 });
  });

  it('that are slots are leased from the store, which another program with the same store respects', async () => {
    const sample = await sampleCluster();
    const store = new FileStateStore(sample.cluster.stateFile);
    const other = new AbortController();
    const { completed } = await install(sample, async (environment) => {
      await using slot = await environment.take('slot');
      const resource = Object.keys((await store.load()).leases ?? {})[0] ?? '';
      expect(resource).toMatch(/^slot /);
      await expect(store.acquire(resource, { signal: other.signal })).rejects.toMatchObject({
        code: 'STATE_LEASE_HELD',
      });
      expect(slot.signal.aborted).toBe(false);
    });
    expect(completed).toBe(true);
    for (const { owner } of Object.values((await store.load()).leases ?? {})) expect(owner).toBeUndefined();
  });

  it('that are slots are waited for, with a word about who has it', async () => {
    const sample = await sampleCluster({}, { leases: { beatMs: 10_000, staleMs: 45_000, lookMs: 5 } });
    const store = new FileStateStore(sample.cluster.stateFile);
    const lease = await store.acquire(`slot ${sample.cluster.config.ip}`, {
      signal: new AbortController().signal,
    });
    const order: string[] = [];
    let givenBack: PromiseLike<void> | undefined;
    sample.cluster.subscribe((event) => {
      if (event.type !== 'phase:progress' || event.progress.note?.includes('held by') !== true) return;
      if (order.includes('given back')) return;
      order.push('given back');
      givenBack = lease[Symbol.asyncDispose]();
    });
    const { completed } = await install(sample, async (environment) => {
      order.push('wanted');
      const slot = await environment.take('slot');
      order.push('taken');
      await slot[Symbol.asyncDispose]();
    });
    await givenBack;
    expect(completed).toBe(true);
    expect(order.indexOf('given back')).toBeLessThan(order.indexOf('taken'));
    expect(order).toContain('given back');
  });

  it('that are slots abort what is done with them when somebody else has taken them over', async () => {
    const sample = await sampleCluster({}, { leases: { beatMs: 300, staleMs: 45_000, lookMs: 5 } });
    const timings = { beatMs: 10_000, staleMs: 40, lookMs: 5 };
    const elsewhere = new FileStateStore(sample.cluster.stateFile, { host: 'elsewhere', timings });
    const { nodes } = await install(sample, async (environment) => {
      await using slot = await environment.take('slot');
      const { signal } = environment;
      const resource = Object.keys((await elsewhere.load()).leases ?? {})[0] ?? '';
      const theirs = await elsewhere.acquire(resource, { signal });
      await new Promise((resolve) => slot.signal.addEventListener('abort', resolve));
      expect(signal.aborted).toBe(false); // the phase itself is ours
      await theirs[Symbol.asyncDispose]();
      slot.signal.throwIfAborted();
    });
    expect(nodes[0]?.error).toMatchObject({ code: 'STATE_LEASE_LOST' });
  });

  it('that are slots are not this run’s any more when somebody else has one, before the signal tells', async () => {
    const sample = await sampleCluster({}, { leases: { beatMs: 60_000, staleMs: 45_000, lookMs: 5 } });
    const timings = { beatMs: 60_000, staleMs: 20, lookMs: 5 };
    const elsewhere = new FileStateStore(sample.cluster.stateFile, { host: 'elsewhere', timings });
    const seen: boolean[] = [];
    await install(sample, async (environment) => {
      await using slot = await environment.take('slot');
      seen.push(await slot.isOurs());
      const resource = Object.keys((await elsewhere.load()).leases ?? {})[0] ?? '';
      await using theirs = await elsewhere.acquire(resource, { signal: environment.signal });
      seen.push(slot.signal.aborted, await slot.isOurs(), slot.signal.aborted, theirs.signal.aborted);
      throw new Error('enough');
    });
    expect(seen.slice(0, 5)).toEqual([true, false, false, true, false]); // of the first node
  });

  it('are not this run’s any more when its phase was taken over, and then nothing is erased', async () => {
    const sample = await sampleCluster({}, { leases: { beatMs: 60_000, staleMs: 45_000, lookMs: 5 } });
    const seen: (boolean | string)[] = [];
    const { nodes } = await sample.cluster.runAll(
      sample.cluster.run(async (context) => {
        await context.runPhase({
          ...installationStep(),
          run: async (environment) => {
            const { permit, signal } = environment;
            await using slot = await environment.take('slot');
            seen.push(await slot.isOurs());
            const timings = { beatMs: 60_000, staleMs: 20, lookMs: 5 };
            const store = new FileStateStore(sample.cluster.stateFile, { host: 'elsewhere', timings });
            const seenFence = (await store.load()).Node1?.os_installation?.fence;
            const record = (current: PhaseRecord | undefined): PhaseRecord => ({
              ...(current ?? { timestamp: '' }),
              status: 'running',
            });
            await using theirs = await store.claim('Node1', 'os_installation', 'hash', {
              ...{ signal, record, seen: seenFence },
            });
            seen.push(await slot.isOurs(), theirs.signal.aborted);
            await permit?.begin(permit.erasure);
            seen.push('erased');
            return SAMPLE_INSTALLATION;
          },
        });
      }),
      { nodes: [1] },
    );
    expect(seen).toEqual([true, false, false]);
    expect(nodes[0]?.error).toMatchObject({ code: 'PHASE_ALREADY_RUNNING' });
  });
});
