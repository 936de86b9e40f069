import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BoardSetConfig, ClusterPlan, CustomizedImage, TuringPiConfig, Workflow } from '@turingpi/core';
import rk1Plugin from '@turingpi/board-rk1';
import ubuntuPlugin, { ubuntuImage, ubuntuOsInstaller } from '@turingpi/os-ubuntu';
import { loadConfig } from '@turingpi/provisioning';
import { baseImagePath } from '@turingpi/virtual-node';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { provisionInFourWays } from '../../../examples/four-ways.js';
import { provisionWithProgress } from '../../../examples/own-progress.js';
import { planCluster, runPlan } from '../../../examples/plan-cluster.js';
import { runOne } from '../../../examples/several-boards.js';
import { installSpare, prepareSpare } from '../../../examples/spare-node.js';
import { makeSite, type Site } from '../../support/site/site.js';

const BASE_IMAGE = baseImagePath('rk1-ubuntu.img.xz');
const RK1 = { board: 'rk1' } as const;
let site: Site;
let board: VirtualBoard;
beforeEach(async () => {
  site = await makeSite();
  board = await startVirtualBoard({ nodes: [RK1, RK1, RK1, RK1], boot: 'shell', clock: { scale: 100 } });
  await site.configure(board);
});
afterEach(async () => {
  await board[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

/** The site's configuration in code; its plugins are brought along. */
async function configOf(nodes: readonly number[]): Promise<TuringPiConfig> {
  const { input } = await loadConfig(site.configFile);
  const left = [1, 2, 3, 4].filter((id) => !nodes.includes(id)).map((id) => `node${id}`);
  const config = Object.fromEntries(Object.entries(input as object).filter(([key]) => !left.includes(key)));
  return {
    ...config,
    cacheDir: site.cacheDir,
    ssh: { privateKey: { file: site.privateKeyFile } },
    plugins: [ubuntuPlugin, rk1Plugin],
  } as unknown as TuringPiConfig;
}

describe('programs of users', { timeout: 180_000 }, () => {
  it('prepare the image of a spare node, and install it later with keys of that day', async () => {
    const { workflow: _none, ...config } = await configOf([2]);
    const before = board.pinLog;
    const record = path.join(site.directory, 'spare.json');
    await writeFile(record, JSON.stringify(await prepareSpare(config, BASE_IMAGE)));
    expect(board.pinLog).toEqual(before); // nothing was switched

    const image = JSON.parse(await readFile(record, 'utf8')) as CustomizedImage;
    const installed = await installSpare(config, image, {
      password: site.userPassword,
      sshKeys: [site.publicKey],
    });
    expect(installed).toMatchObject({ hostname: 'site-2', username: 'ubuntu' });
  });

  it('plan, and do what was planned by another program', async () => {
    const { workflow: _none, ...config } = await configOf([1]);
    const workflow: Workflow = async (context) => {
      const image = await ubuntuImage().withBaseImage(BASE_IMAGE).run(context);
      const login = { initialUserPassword: site.userPassword };
      await ubuntuOsInstaller(login)
        .usingImage(image)
        .withGenericConfig({ sshKeys: [site.publicKey] })
        .run(context);
    };
    const plan = JSON.parse(JSON.stringify(await planCluster(config, workflow))) as ClusterPlan;
    // What the installer is told goes into an image that is made again for it: told before anything is made.
    expect(plan.nodes[0]?.phases.map(({ decision }) => decision)).toEqual(['run', 'run', 'skip']);
    expect(await runPlan(config, workflow, plan)).toMatchObject({ completed: true });
    expect(await planCluster(config, workflow)).toMatchObject({ changes: false });
  });

  it('run one node of one board of several', async () => {
    const { workflow: _none, ip, bmc, node1, node2, ...config } = await configOf([1, 2]);
    const boards = {
      shelf: { ip, bmc, node1, node2 },
      rack: { ip: '192.0.2.1', node1: { ...node1, ip: '192.168.1.201' } },
    };
    const workflow: Workflow = async (context) => {
      await ubuntuImage().withBaseImage(BASE_IMAGE).run(context);
    };
    const network = { gateway: '192.168.1.1', hostnamePattern: '{board}-{id}' };
    const { nodes } = await runOne(
      { ...config, network, boards } as unknown as BoardSetConfig,
      workflow,
      'shelf',
    );
    expect(nodes).toMatchObject([{ board: 'shelf', nodeId: 1, outcome: 'completed', hostname: 'shelf-1' }]);
  });

  it('provision four nodes in four ways in one run', async () => {
    const { workflow: _none, ...config } = await configOf([1, 2, 3, 4]);
    const summary = await provisionInFourWays(config, {
      baseImage: BASE_IMAGE,
      password: site.userPassword,
      sshKeys: [site.publicKey],
    });
    expect(summary.nodes.map(({ error }) => error)).toEqual(Array(4).fill(undefined));
    expect(summary.completed).toBe(true);
  });

  it('have a log and a display of their own', async () => {
    const log: string[] = [];
    const shown: string[] = [];
    const summary = await provisionWithProgress(await configOf([1]), {
      baseDir: site.directory,
      log: (line) => void log.push(line),
      display: (line) => void shown.push(line),
    });
    expect(summary.nodes.map(({ error }) => error)).toEqual([undefined]);
    expect(log.some((line) => line.startsWith('info image recognised {"node":1'))).toBe(true);
    expect(shown.some((line) => /^node 1 \[#{1,20}\.*\] \w+/.test(line))).toBe(true);
    expect(shown.at(-1)).toMatch(/^node 1 post_installation done in \d+ s$/);
    expect([...log, ...shown].join('\n')).not.toContain(site.userPassword);
  });
});
