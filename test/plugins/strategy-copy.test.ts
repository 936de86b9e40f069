import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { strategyCases, type StrategySubject } from '@turingpi/conformance';
import { BackendImageEngine } from '@turingpi/image';
import { startVirtualBoard } from '@turingpi/virtual-board';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from '../support/site/run-cli.js';
import { makeSite, usualWorkflow } from '../support/site/site.js';
import { makeProject } from './make-project.js';

const PLUGIN = path.resolve(import.meta.dirname, '../../examples/plugins/strategy-copy');

/** The plugin, installed in a project of its own. */
async function installedPlugin(atEnd?: (remove: () => Promise<void>) => void): Promise<string> {
  const folder = path.join(await makeProject(atEnd), 'strategy-copy');
  await cp(PLUGIN, folder, { recursive: true });
  return folder;
}

describe('the strategy that copies', async () => {
  let removeProject: () => Promise<void> = () => Promise.resolve();
  const plugin = await installedPlugin((remove) => (removeProject = remove));
  afterAll(() => removeProject());
  const { default: subjects } = (await import(pathToFileURL(path.join(plugin, 'conformance.js')).href)) as {
    default: { strategies: { copy: StrategySubject } };
  };
  const cases = strategyCases(subjects.strategies.copy);
  for (const { name, run } of cases) it(name, run);
});

it('adds a way to install to a board of another package, chosen in a configuration file', async () => {
  await using site = await makeSite();
  await using board = await startVirtualBoard({
    nodes: [{ board: 'rk1' }],
    clock: { scale: 100 },
    dir: path.join(site.directory, 'board'),
    httpPort: 'off',
  });
  await site.configure(board, {
    workflow: {
      ...usualWorkflow(site.publicKey, site.userPassword),
      postInstall: [],
      install: { strategy: 'copy', skipBootWait: true },
    },
  });
  const dependencies = { 'turingpi-strategy-copy': '*' };
  await writeFile(path.join(site.directory, 'package.json'), JSON.stringify({ dependencies }));
  const modules = path.join(site.directory, 'node_modules');
  await mkdir(modules);
  await symlink(await installedPlugin(), path.join(modules, 'turingpi-strategy-copy'), 'junction');

  const up = await runCli(['up', '--erase', 'new'], { cwd: site.directory });
  expect(up.stderr).not.toContain('Error');
  expect(up.exitCode).toBe(0);
  const { signal } = new AbortController();
  await using copied = await new BackendImageEngine().open(path.join(site.cacheDir, 'copied/node1.img'), {
    signal,
    cacheDir: site.cacheDir,
  });
  expect(await (await copied.files()).readText('/etc/hostname')).toBe('site-1\n');
  expect(board.nodes[0]!.powered).toBe(true); // its disk is left to whoever has the copy
});
