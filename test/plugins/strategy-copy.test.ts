import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { strategyCases } from '@turingpi/conformance';
import type { ClusterConfig, Node } from '@turingpi/core/plugin';
import { BackendImageEngine } from '@turingpi/image';
import type { ContributedStrategy } from '@turingpi/provisioning';
import { startVirtualBoard } from '@turingpi/virtual-board';
import { describe, expect, it } from 'vitest';
import { SAMPLE_NODE } from '../site/sample-node.js';
import { runCli } from '../site/run-cli.js';
import { makeSite, usualWorkflow } from '../site/site.js';
import { makeProject } from './make-project.js';

const PLUGIN = path.resolve(import.meta.dirname, '../../examples/plugins/strategy-copy');

interface Copying extends ContributedStrategy {
  fileOf(node: Pick<Node, 'id'>): string;
}

/** The plugin, installed in a project of its own. */
async function installedPlugin(): Promise<string> {
  const folder = path.join(await makeProject(), 'strategy-copy');
  await cp(PLUGIN, folder, { recursive: true });
  return folder;
}

describe('the strategy that copies', () => {
  const cases = strategyCases({
    open: async () => {
      const { CopyStrategy } = (await import(
        pathToFileURL(path.join(await installedPlugin(), 'copy-strategy.js')).href
      )) as { CopyStrategy: new (config: ClusterConfig) => Copying };
      const cacheDir = await mkdtemp(path.join(tmpdir(), 'turingpi-copy-'));
      const strategy = new CopyStrategy({ cacheDir } as ClusterConfig);
      const file = strategy.fileOf(SAMPLE_NODE);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, 'an earlier copy');
      return {
        strategy,
        node: SAMPLE_NODE,
        written: async (lengthBytes) => (await readFile(file)).subarray(0, lengthBytes),
        [Symbol.asyncDispose]: () => rm(cacheDir, { recursive: true, force: true }),
      };
    },
  });
  for (const { name, run } of cases) it(name, run);
});

it('adds a way to install to a board of another package, chosen in a configuration file', async () => {
  await using site = await makeSite();
  await using board = await startVirtualBoard({
    nodes: [{ board: 'rk1' }],
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
