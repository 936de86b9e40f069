import { readFile } from 'node:fs/promises';
import path from 'node:path';
import rk1 from '@turingpi/board-rk1';
import { createTuringPi, type TuringPiConfig } from '@turingpi/core';
import { Node2 } from '@turingpi/foundation';
import ubuntu, { ubuntuPostInstaller } from '@turingpi/os-ubuntu';
import provisioning, { loadConfig } from '@turingpi/provisioning';
import { startVirtualBoard } from '@turingpi/virtual-board';
import { expect, it } from 'vitest';
import { runCli } from '../../support/site/run-cli.js';
import { makeSite } from '../../support/site/site.js';

it('a program that only runs post-install works on what another process has installed', async () => {
  await using site = await makeSite();
  await using board = await startVirtualBoard({
    dir: path.join(site.directory, 'board'),
    nodes: [{ board: 'rk1' }, { board: 'rk1' }],
    clock: { scale: 20 },
    httpPort: 'off',
  });
  await site.configure(board);
  const up = await runCli(['up', '-c', site.configFile, '--json', '--erase', 'all']);
  expect(up.exitCode, up.stdout).toBe(0);
  const recordOf = async (node: string) =>
    (
      JSON.parse(await readFile(path.join(site.cacheDir, 'tpi_state.json'), 'utf8')) as Record<
        string,
        Record<string, unknown>
      >
    )[node]!;
  const before = { Node1: await recordOf('Node1'), Node2: await recordOf('Node2') };
  const flashed = board.accessLog.length;

  const { workflow: _of, ...config } = (await loadConfig(site.configFile)).input as TuringPiConfig;
  await using cluster = await createTuringPi({
    ...config,
    cacheDir: site.cacheDir,
    ssh: { privateKey: { file: site.privateKeyFile } },
    plugins: [provisioning, rk1, ubuntu],
  });
  let hostname: string | undefined;
  let user: string | undefined;
  const provision = cluster.run(async (context) => {
    await ubuntuPostInstaller().runActions(context, async (_local, remote) => {
      await remote.writeFile('/etc/later', 'yes\n');
      hostname = (await remote.runCommand('cat /etc/hostname')).stdout;
      user = (await remote.runCommand('id -un', { sudo: false })).stdout;
    });
  });
  await provision(Node2);
  expect([hostname, user]).toEqual(['site-2\n', 'admin\n']);
  const after = await recordOf('Node2');
  expect(after['post_installation']).toMatchObject({ status: 'completed' });
  expect(after['os_installation']).toEqual(before.Node2['os_installation']);
  expect(after['image_customization']).toEqual(before.Node2['image_customization']);
  expect(await recordOf('Node1')).toEqual(before.Node1);
  const requests = board.accessLog.slice(flashed).map(({ target }) => target);
  expect(requests.filter((target) => target.includes('opt=set'))).toEqual([]);
}, 180_000);
