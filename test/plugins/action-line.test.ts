import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import rk1 from '@turingpi/board-rk1';
import { actionCases } from '@turingpi/conformance';
import { createTuringPi, type TuringPiConfig } from '@turingpi/core';
import type { Plugin } from '@turingpi/core/plugin';
import { Node1 } from '@turingpi/foundation';
import ubuntu, { ubuntuPostInstaller } from '@turingpi/os-ubuntu';
import { loadConfig } from '@turingpi/provisioning';
import { startVirtualBoard } from '@turingpi/virtual-board';
import { describe, expect, it } from 'vitest';
import { makeSite, usualWorkflow } from '../support/site/site.js';
import { runCli } from '../support/site/run-cli.js';
import { makeProject } from './make-project.js';

const PLUGIN = path.resolve(import.meta.dirname, '../../examples/plugins/action-line');

/** The plugin, installed in a project of its own. */
async function installedPlugin(): Promise<{ readonly folder: string; readonly plugin: Plugin }> {
  const folder = path.join(await makeProject(), 'action-line');
  await cp(PLUGIN, folder, { recursive: true });
  const entry = pathToFileURL(path.join(folder, 'index.js')).href;
  const loaded = (await import(entry)) as { readonly default: Plugin };
  return { folder, plugin: loaded.default };
}

const line = (text: string) => ({ path: '/etc/hosts', line: text });

describe('the action line', () => {
  let loaded: ReturnType<typeof installedPlugin> | undefined; // once: what is loaded needs its files no more
  const names = actionCases({ plugin: {} as Plugin, ...subject() }).map(({ name }) => name);
  it.each(names)('%s', async (name) => {
    const { plugin } = await (loaded ??= installedPlugin());
    const found = actionCases({ plugin, ...subject() }).find((one) => one.name === name);
    await found!.run();
  });
});

function subject() {
  return {
    id: 'line',
    input: line('10.0.0.5 nas'),
    otherInput: line('10.0.0.6 nas'),
    inputWith: line,
    step: { line: line('10.0.0.5 nas') },
    wrongSteps: [{ step: { line: { path: 'hosts', line: 'two\nlines' } }, keys: ['line.line', 'line.path'] }],
  };
}

it('adds a step to configuration files and a method to code, without a line in our packages', async () => {
  const { folder, plugin } = await installedPlugin();
  await using site = await makeSite();
  await using board = await startVirtualBoard({
    nodes: [{ board: 'rk1' }],
    dir: path.join(site.directory, 'board'),
    clock: { scale: 100 },
    httpPort: 'off',
  });
  const dependencies = { 'turingpi-action-line': '*' };
  await writeFile(path.join(site.directory, 'package.json'), JSON.stringify({ dependencies }));
  await mkdir(path.join(site.directory, 'node_modules'));
  await symlink(folder, path.join(site.directory, 'node_modules/turingpi-action-line'), 'junction');
  const configure = (...steps: object[]) =>
    site.configure(board, {
      workflow: { ...usualWorkflow(site.publicKey, site.userPassword), postInstall: steps },
    });
  const up = async () => {
    const { exitCode, stdout } = await runCli(['up', '--json', '--erase', 'new'], { cwd: site.directory });
    const events = stdout.trim().split('\n');
    return { exitCode, events: events.map((text) => JSON.parse(text) as Record<string, unknown>) };
  };

  await configure({ line: { path: 'hosts', lien: 'x' } });
  const refused = await up();
  const written = (await readFile(site.configFile, 'utf8')).split('\n');
  const at = (text: string) => written.findIndex((row) => row.includes(text)) + 1;
  expect(refused.events).toMatchObject([
    {
      event: 'error',
      code: 'CONFIG_INVALID',
      issues: [
        { key: 'workflow.postInstall[0].line.path', line: at('path: hosts') },
        { key: 'workflow.postInstall[0].line.lien', line: at('lien:') },
      ],
    },
  ]);

  await configure({ line: line('10.0.0.5 nas') });
  expect(await up()).toMatchObject({ exitCode: 0 });
  const again = await up();
  const skipped = again.events.filter(({ event }) => event === 'phase:skipped').map(({ phase }) => phase);
  expect([again.exitCode, skipped]).toEqual([
    0,
    ['image_customization', 'os_installation', 'post_installation'],
  ]);

  const { workflow: _of, ...config } = (await loadConfig(site.configFile)).input as TuringPiConfig;
  await using cluster = await createTuringPi({
    ...config,
    cacheDir: site.cacheDir,
    ssh: { privateKey: { file: site.privateKeyFile } },
    plugins: [rk1, ubuntu, plugin],
  });
  const configureInCode = cluster.run((context) =>
    ubuntuPostInstaller().runActions(context, async (_local, remote) => {
      const { added } = await remote.line(line('10.0.0.5 nas'));
      const { added: another } = await remote.line(line('10.0.0.6 printer'));
      expect([added, another]).toEqual([true, true]); // the first one is what is on record
      const hosts = (await remote.readFile('/etc/hosts')).split('\n');
      expect(hosts.filter((text) => text.startsWith('10.0.0.'))).toEqual([
        '10.0.0.5 nas',
        '10.0.0.6 printer',
      ]);
      expect(await remote.line(line('10.0.0.6 printer'))).toEqual({ added: false });
    }),
  );
  await configureInCode(Node1);
}, 180_000);
