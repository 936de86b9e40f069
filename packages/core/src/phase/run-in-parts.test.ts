import { expect, it } from 'vitest';
import {
  actionsStep,
  imageStep,
  installationStep,
  sampleCluster,
} from '../cluster/sample-cluster.fixture.js';
import type { Workflow } from '../cluster/workflow.js';

const workflow: Workflow = async (context) => {
  await context.runPhase(imageStep());
  await context.runPhase(installationStep());
  await context.runJournaledPhase(actionsStep(['a'], []));
};

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
