import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TuringPiConfig } from '@turingpi/core';
import { loadConfig } from '@turingpi/provisioning';
import { startVirtualBoard } from '@turingpi/virtual-board';
import { baseImagePath } from '@turingpi/virtual-node';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { makeSite } from '../../support/site/site.js';

const ROOT = path.resolve(import.meta.dirname, '../../..');
/** A built example as a program of its own; what it is told comes on standard input. */
const program = (example: string, call: string) => `
  import { text } from 'node:stream/consumers';
  import * as example from '${ROOT}/examples/dist/${example}.js';
  const site = JSON.parse(await text(process.stdin));
  console.log(JSON.stringify(await ${call}) ?? '');
`;

it(
  'updates a node that another program installed, with nothing but its record',
  { timeout: 120_000 },
  async () => {
    await using site = await makeSite();
    await using board = await startVirtualBoard({
      nodes: [{ board: 'rk1' }, { board: 'rk1' }],
      boot: 'shell',
      clock: { scale: 100 },
    });
    await site.configure(board);
    const unit = '[Service]\nExecStart=/usr/local/bin/app\n\n[Install]\nWantedBy=multi-user.target\n';
    await writeFile(path.join(site.directory, 'files/my_app.service'), unit);
    await writeFile(path.join(site.directory, 'app_binary'), 'application');
    const passwordFile = path.join(site.directory, 'password');
    await writeFile(passwordFile, site.userPassword, { mode: 0o600 });
    // Each program's own package.json: where its plugins are found.
    const elsewhere = path.join(site.directory, 'elsewhere');
    for (const folder of [site.directory, elsewhere]) {
      await mkdir(path.join(folder, 'node_modules'), { recursive: true });
      await symlink(path.join(ROOT, 'node_modules/@turingpi'), path.join(folder, 'node_modules/@turingpi'));
      const dependencies = { '@turingpi/os-ubuntu': '*', '@turingpi/board-rk1': '*' };
      await writeFile(path.join(folder, 'package.json'), JSON.stringify({ dependencies }));
    }
    const { workflow, ssh, ...rest } = (await loadConfig(site.configFile)).input as TuringPiConfig;
    const config = { ...rest, cacheDir: site.cacheDir };
    const run = (example: string, call: string, cwd: string, told: object) =>
      execa(process.execPath, ['--input-type=module', '--eval', program(example, call)], {
        cwd,
        input: JSON.stringify(told),
      });
    await run('provision-cluster', 'example.provisionCluster(site)', site.directory, {
      config: { ...config, ssh },
      baseImage: baseImagePath('rk1-ubuntu.img.xz'),
      password: { file: './password' },
      sshKeys: [site.publicKey],
    });
    const recordOf = async (): Promise<Record<string, { readonly output?: unknown }>> => {
      const text = await readFile(path.join(site.cacheDir, 'tpi_state.json'), 'utf8');
      return (JSON.parse(text) as { Node2: Record<string, { readonly output?: unknown }> }).Node2;
    };
    const before = await recordOf();
    expect(before['os_installation']?.output).toMatchObject({ login: { password: { file: passwordFile } } });

    await writeFile(path.join(elsewhere, 'app_binary'), 'version 2');
    // No `ssh` in its configuration: the password is where the record says.
    const update = () =>
      run('post-install-only', "example.updateApplication(site, './app_binary')", elsewhere, config);
    expect(JSON.parse((await update()).stdout)).toMatchObject({ actions: 2 });
    const after = await recordOf();
    expect(after['post_installation']).toMatchObject({ status: 'completed' });
    expect(after['post_installation']).not.toEqual(before['post_installation']);
    expect(after['os_installation']).toEqual(before['os_installation']);
    await update();
    expect(await recordOf()).toEqual(after);
  },
);
