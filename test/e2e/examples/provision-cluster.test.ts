import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { TuringPiConfig } from '@turingpi/core';
import { loadConfig } from '@turingpi/provisioning';
import { baseImagePath } from '@turingpi/virtual-node';
import { startVirtualBoard } from '@turingpi/virtual-board';
import { execa } from 'execa';
import { makeSite } from '../../support/site/site.js';

const ROOT = path.resolve(import.meta.dirname, '../../..');
/** The built example as a program of its own: the site comes on standard input, so that no secret is an argument. */
const PROGRAM = `
  import { text } from 'node:stream/consumers';
  import { provisionCluster } from '${ROOT}/examples/dist/provision-cluster.js';
  await provisionCluster(JSON.parse(await text(process.stdin)));
`;

it('takes both nodes from the stock image to a running application', { timeout: 120_000 }, async () => {
  await using site = await makeSite();
  await using board = await startVirtualBoard({
    nodes: [{ board: 'rk1' }, { board: 'rk1' }],
    boot: 'shell',
    clock: { scale: 100 },
  });
  await site.configure(board);
  await writeFile(path.join(site.directory, 'app_binary'), 'application');
  await writeFile(
    path.join(site.directory, 'files/my_app.service'),
    '[Service]\nExecStart=/usr/local/bin/app\n\n[Install]\nWantedBy=multi-user.target\n',
  );
  // The program's own package.json: where its plugins are found.
  await mkdir(path.join(site.directory, 'node_modules'));
  const dependencies = { '@turingpi/os-ubuntu': '*', '@turingpi/board-rk1': '*' };
  await symlink(
    path.join(ROOT, 'node_modules/@turingpi'),
    path.join(site.directory, 'node_modules/@turingpi'),
  );
  await writeFile(path.join(site.directory, 'package.json'), JSON.stringify({ dependencies }));

  const { workflow, ...config } = (await loadConfig(site.configFile)).input as TuringPiConfig;
  const described = JSON.stringify({
    config,
    baseImage: baseImagePath('rk1-ubuntu.img.xz'),
    password: site.userPassword,
    sshKeys: [site.publicKey],
  });
  const provision = () =>
    execa(process.execPath, ['--input-type=module', '--eval', PROGRAM], {
      cwd: site.directory, // the example's paths are relative, as in a user's project
      input: described,
    });
  await provision();
  const stateFile = path.join(site.cacheDir, 'tpi_state.json');
  const first = await readFile(stateFile, 'utf8');
  const state = JSON.parse(first) as Record<string, Record<string, { status: string }>>;
  for (const node of ['Node1', 'Node2'])
    expect(Object.values(state[node]!).map(({ status }) => status)).toEqual(Array(3).fill('completed'));
  expect(first).not.toContain(site.userPassword);

  await provision();
  expect(await readFile(stateFile, 'utf8')).toBe(first);
});
