import { describe, expect, it } from 'vitest';
import { PhaseError } from '../errors/phase-error.js';
import { imageStep, installationStep, SAMPLE_INSTALLATION, sampleCluster } from './sample-cluster.fixture.js';
import type { Workflow } from './workflow.js';

/** Installs a node; `within` is called while its disk is written. */
function installing(within: (hostname: string) => Promise<void>): Workflow {
  return async (context, node) => {
    await context.runPhase(imageStep());
    const step = installationStep();
    await context.runPhase({
      ...step,
      run: async (environment) => {
        const installed = await step.run(environment);
        await within(node.hostname);
        return installed;
      },
    });
  };
}

it('a second run of a node in one program fails for it, and takes nothing from the first', async () => {
  const { cluster } = await sampleCluster();
  const nothing = cluster.run(installing(() => Promise.resolve()));
  expect(await cluster.runAll(nothing)).toMatchObject({ completed: true });

  const begun: string[] = [];
  const first = later();
  const go = later();
  const workflow = installing(async (hostname) => {
    begun.push(hostname);
    first.resolve();
    await go.promise;
  });
  const all = cluster.runAll(cluster.run(workflow), { reinstall: [1, 2], onFailure: 'keep going' });
  await first.promise;
  const busy = begun.length;

  const second = await cluster.runAll(cluster.run(workflow), { nodes: [1, 2], reinstall: [1, 2] });
  expect(second.nodes.map(({ error }) => error)).toEqual([
    expect.objectContaining({ code: 'PHASE_ALREADY_RUNNING' }),
    expect.objectContaining({ code: 'PHASE_ALREADY_RUNNING' }),
  ]);
  for (let look = 0; look < 50; look += 1) await cluster.status(); // time for whoever would begin now
  expect(begun, 'no other node has begun meanwhile').toHaveLength(busy);
  go.resolve();
  expect(await all).toMatchObject({ completed: true });
  expect(begun.sort()).toEqual(['turingpi-node1', 'turingpi-node2']);
});

it('of two runs that begin at once, one has the node', async () => {
  const { cluster } = await sampleCluster();
  let installed = 0;
  const provision = cluster.run(
    installing(() => {
      installed += 1;
      return Promise.resolve();
    }),
  );
  const ends = await Promise.allSettled([provision(1), provision(1)]);
  expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(installed).toBe(1);
});

describe('two programs that are to reinstall one node', () => {
  /** Installs a node, each time as another installation; `within` is called before its disk is erased. */
  const reinstalling =
    (id: string, erased: string[], within: () => Promise<void> = () => Promise.resolve()): Workflow =>
    async (context) => {
      await context.runPhase(imageStep());
      await within();
      await context.runPhase({
        ...installationStep(),
        run: async ({ permit }) => {
          await permit?.begin(permit.erasure);
          erased.push(id);
          return { ...SAMPLE_INSTALLATION, installationId: id };
        },
      });
    };
  const reinstall = { reinstall: [1], nodes: [1] } as const;

  it('erase it once: an approval is not about what was installed since it was given', async () => {
    const { cluster, directory } = await sampleCluster();
    const { cluster: other } = await sampleCluster({}, { directory });
    const erased: string[] = [];
    await cluster.runAll(cluster.run(reinstalling('first', erased)), { nodes: [1] });
    const late = await other.runAll(
      other.run(
        reinstalling('late', erased, async () => {
          await cluster.runAll(cluster.run(reinstalling('second', erased)), reinstall);
        }),
      ),
      reinstall,
    );
    expect(late.nodes[0]).toMatchObject({ outcome: 'blocked', error: { code: 'ERASE_OUTDATED' } });
    expect(erased).toEqual(['first', 'second']);
  });

  it('erase it once, where the second one fails first and is run again', async () => {
    const { cluster, directory } = await sampleCluster();
    const { cluster: other } = await sampleCluster({}, { directory });
    const erased: string[] = [];
    await cluster.runAll(cluster.run(reinstalling('first', erased)), { nodes: [1] });
    const late = reinstalling('late', erased, async () => {
      await cluster.runAll(cluster.run(reinstalling('second', erased)), reinstall);
      throw new PhaseError('PHASE_FAILED', 'the board was away', { hint: 'h', category: 'connection' });
    });
    const ended = await other.runAll(other.run(late), { ...reinstall, retry: { times: 1, delayMs: 1 } });
    expect(ended.nodes[0]).toMatchObject({ outcome: 'blocked', error: { code: 'ERASE_OUTDATED' } });
    expect(erased).toEqual(['first', 'second']);
  });

  it('erase it once, where the second one waits for the first', async () => {
    const { cluster, directory } = await sampleCluster();
    const { cluster: other } = await sampleCluster({}, { directory });
    const erased: string[] = [];
    await cluster.runAll(cluster.run(reinstalling('first', erased)), { nodes: [1] });
    const waits = later();
    other.subscribe((event) => {
      if (event.type === 'phase:progress' && event.progress.activity === 'wait') waits.resolve();
    });
    let late: ReturnType<typeof other.runAll> | undefined;
    const begun = reinstalling('second', erased, async () => {
      late = other.runAll(other.run(reinstalling('late', erased)), { ...reinstall, wait: true });
      await waits.promise;
    });
    await cluster.runAll(cluster.run(begun), reinstall);
    expect((await late)?.nodes[0]).toMatchObject({ outcome: 'blocked', error: { code: 'ERASE_OUTDATED' } });
    expect(erased).toEqual(['first', 'second']);
  });
});

/** A promise that is resolved from outside. */
function later(): { readonly promise: Promise<void>; resolve(): void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve: () => resolve() };
}
