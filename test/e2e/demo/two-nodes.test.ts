import { createTuringPi, type TuringPiConfig } from '@turingpi/core';
import { loadConfig, declarativeWorkflow } from '@turingpi/provisioning';
import debian from '@turingpi/os-debian';
import ubuntu from '@turingpi/os-ubuntu';
import rk1 from '@turingpi/board-rk1';
import cm4 from '@turingpi/board-cm4';
import { startVirtualBoard } from '@turingpi/virtual-board';
import { expect, it } from 'vitest';
import { makeSite } from '../../support/site/site.js';

it('provisions two nodes, then skips everything, then only does what changed', async () => {
  await using board = await startVirtualBoard({
    nodes: [{ board: 'rk1' }, { board: 'cm4' }],
    boot: 'shell',
    clock: { scale: 100 },
  });
  await using site = await makeSite();
  await site.configure(board);
  const up = async () => {
    const file = await loadConfig(site.configFile);
    const cluster = await createTuringPi(
      { ...(file.input as TuringPiConfig), plugins: [ubuntu, debian, rk1, cm4] },
      { baseDir: file.baseDir, approve: 'all' },
    );
    const workflow = declarativeWorkflow(cluster, { environment: {} });
    return cluster.runAll(cluster.run(workflow));
  };

  const first = await up();
  expect(first.nodes.map(({ outcome, error }) => ({ outcome, error }))).toEqual([
    { outcome: 'completed', error: undefined },
    { outcome: 'completed', error: undefined },
  ]);
  const second = await up();
  expect(second.nodes.flatMap(({ phases }) => Object.values(phases).map(({ outcome }) => outcome))).toEqual(
    Array(6).fill('skipped'),
  );
});
