import { once } from 'node:events';
import { Node1, Node2 } from '@turingpi/foundation';
import { expect, it } from 'vitest';
import {
  actionsStep,
  imageStep,
  installationStep,
  sampleCluster,
  temporaryDirectory,
} from './sample-cluster.fixture.js';
import type { Workflow } from './workflow.js';

/** Two programs with one cache directory: the first one stays in its installation until it is let go. */
async function twoPrograms() {
  const directory = await temporaryDirectory();
  const [first, second] = [await sampleCluster({}, { directory }), await sampleCluster({}, { directory })];
  const inside = new AbortController();
  const letGo = new AbortController();
  let flashes = 0;
  const workflow =
    (during: () => Promise<unknown>): Workflow =>
    async (context) => {
      await context.runPhase(imageStep());
      await context.runPhase(
        installationStep({
          run: async (environment) => {
            flashes += 1;
            await during();
            return installationStep().run(environment);
          },
        }),
      );
      await context.runJournaledPhase(actionsStep(['a'], []));
    };
  const running = first.cluster.runAll(
    first.cluster.run(
      workflow(async () => {
        inside.abort();
        await once(letGo.signal, 'abort');
      }),
    ),
    { nodes: [Node1], command: 'up' },
  );
  await once(inside.signal, 'abort');
  const provision = second.cluster.run(workflow(async () => undefined));
  return { second, provision, running, letGo, flashes: () => flashes };
}

it('a second run of a node is refused, and says who holds it since when', async () => {
  const { second, provision, running, letGo } = await twoPrograms();
  const { nodes } = await second.cluster.runAll(provision, { nodes: [Node1], command: 'up' });
  expect(nodes[0]?.error).toMatchObject({
    code: 'PHASE_ALREADY_RUNNING',
    message: expect.stringMatching(
      new RegExp(`is being run by process ${process.pid} on .* \\(turingpi up, since 20[0-9T:.-]+Z\\)$`),
    ) as string,
    hint: expect.stringContaining('--wait') as string,
    details: { command: 'up', since: expect.any(String) as string },
  });
  letGo.abort();
  expect((await running).completed).toBe(true);
});

it('with wait it waits, tells for whom, keeps no other node waiting, and does nothing twice', async () => {
  const { second, provision, running, letGo, flashes } = await twoPrograms();
  const told: string[] = [];
  second.cluster.subscribe((event) => {
    if (event.type === 'phase:progress' && event.progress.activity === 'wait')
      told.push(event.progress.note ?? '');
    if (event.type === 'node:completed' && event.nodeId === Node2) letGo.abort(); // before the first one has ended
  });
  const { nodes } = await second.cluster.runAll(provision, { wait: true, command: 'up' });
  expect((await running).completed).toBe(true);
  expect(nodes.map(({ outcome }) => outcome)).toEqual(['completed', 'completed']);
  expect(told).toEqual([
    expect.stringMatching(/^process \d+ on .* \(turingpi up, since .*\) has the node: waiting/),
  ]);
  expect(nodes[0]?.phases).toMatchObject({
    image_customization: { outcome: 'skipped' },
    os_installation: { outcome: 'skipped' },
    post_installation: { outcome: 'skipped' },
  });
  expect(flashes()).toBe(2);
});

it('the wait ends when it is to stop', async () => {
  const { second, provision, running, letGo } = await twoPrograms();
  const stop = new AbortController();
  second.cluster.subscribe((event) => {
    if (event.type === 'phase:progress') stop.abort();
  });
  const options = { nodes: [Node1], wait: true, signal: stop.signal };
  expect((await second.cluster.runAll(provision, options)).nodes).toMatchObject([{ outcome: 'aborted' }]);
  letGo.abort();
  await running;
});

it('a node is waited for also while its run is between two phases', async () => {
  const directory = await temporaryDirectory();
  const [first, second] = [await sampleCluster({}, { directory }), await sampleCluster({}, { directory })];
  const between = new AbortController();
  const letGo = new AbortController();
  const hold = first.cluster.run(async (context) => {
    await context.runPhase(imageStep());
    between.abort();
    await once(letGo.signal, 'abort');
    await context.runPhase(installationStep());
  });
  const running = first.cluster.runAll(hold, { nodes: [Node1] });
  await once(between.signal, 'abort');
  const order: string[] = [];
  first.cluster.subscribe((event) => event.type === 'node:completed' && order.push('first'));
  second.cluster.subscribe((event) => {
    if (event.type === 'phase:progress') letGo.abort();
    if (event.type.startsWith('phase:skipped')) order.push('second');
  });
  const provision = second.cluster.run(async (context) => {
    await context.runPhase(imageStep());
  });
  await second.cluster.runAll(provision, { nodes: [Node1], wait: true });
  await running;
  expect(order).toEqual(['first', 'second']);
});

it('a run that is stopped as it looks who has its nodes leaves none of them to itself', async () => {
  const { cluster } = await sampleCluster();
  const provision = cluster.run((context) => context.runPhase(imageStep()));
  const reason = new Error('enough');
  const stopped = cluster.runAll(provision, {
    nodes: [Node1],
    wait: true,
    signal: AbortSignal.abort(reason),
  });
  await expect(stopped).rejects.toBe(reason);
  await provision(Node1); // a run of its own
});
