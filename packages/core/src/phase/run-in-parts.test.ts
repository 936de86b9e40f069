import { expect, it } from 'vitest';
import {
  actionsStep,
  imageStep,
  installationStep,
  sampleCluster,
} from '../cluster/sample-cluster.fixture.js';
import type { PhaseEnvironment } from './phase-step.js';
import type { Workflow } from '../cluster/workflow.js';

const workflow: Workflow = async (context) => {
  await context.runPhase(imageStep());
  await context.runPhase(installationStep());
  await context.runJournaledPhase(actionsStep(['a'], []));
};

it('makes an image again for its installation, as a run of all phases does', async () => {
  const made: string[] = [];
  const finishing: Workflow = async (context) => {
    const image = imageStep();
    const noted = (what: string) => ({
      ...image,
      run: (environment: PhaseEnvironment) => (made.push(what), image.run(environment)),
    });
    await context.runPhase(noted('as its builder says'));
    // What an installer does whose settings the image does not hold, or that has installed it before.
    await context.runPhase({ ...noted('for its installation'), rerun: true });
    await context.runPhase(installationStep());
  };
  const { cluster } = await sampleCluster();
  const whole: Workflow<unknown> = (context) => context.runPhase(imageStep());
  await cluster.runAll(cluster.run(whole), { nodes: [1], until: 'image' });
  const plan = await cluster.plan(finishing, { nodes: [1], from: 'install', until: 'install', erase: 'all' });
  expect(plan.nodes[0]?.phases[0]).toMatchObject({ decision: 'run' });
  await cluster.runAll(cluster.run(finishing), { nodes: [1], from: 'install', until: 'install' });
  expect(made).toEqual(['for its installation']);
});

it('leaves a node that a whole run finds finished, in whatever parts it was installed', async () => {
  const { cluster, events } = await sampleCluster();
  const run = (limits: object) => cluster.runAll(cluster.run(workflow), { nodes: [1], ...limits });
  await run({ until: 'image' });
  await run({ from: 'install', until: 'install' });
  await run({ from: 'post' });
  const from = events.length;
  expect(await run({})).toMatchObject({ completed: true });
  expect(
    events
      .slice(from)
      .map(({ type }) => type)
      .filter((type) => type.startsWith('phase:')),
  ).toEqual(['phase:skipped', 'phase:skipped', 'phase:skipped']);
});
