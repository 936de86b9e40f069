import { expect, it } from 'vitest';
import { imageStep, installationStep, sampleCluster } from './sample-cluster.fixture.js';
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

/** A promise that is resolved from outside. */
function later(): { readonly promise: Promise<void>; resolve(): void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve: () => resolve() };
}
