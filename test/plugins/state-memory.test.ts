import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { stateStoreCases } from '@turingpi/conformance';
import { createTuringPi } from '@turingpi/core';
import { defineExtensionPoint, definePlugin, type Plugin, type StateStore } from '@turingpi/core/plugin';
import { Node1 } from '@turingpi/foundation';
import { startVirtualBoard } from '@turingpi/virtual-board';
import { describe, expect, it } from 'vitest';
import { runCli } from '../support/site/run-cli.js';
import { makeSite } from '../support/site/site.js';
import { makeProject } from './make-project.js';

const PLUGIN = path.resolve(import.meta.dirname, '../../examples/plugins/state-memory');

interface MemoryPlugin {
  readonly default: Plugin;
  readonly MemoryState: new () => object;
  readonly MemoryStateStore: new (
    state: object,
    options: { readonly ttlMs: number; readonly isSilent?: boolean },
  ) => StateStore;
}

/** The plugin, installed in a project of its own. */
async function installedPlugin(): Promise<string> {
  const folder = path.join(await makeProject(), 'state-memory');
  await cp(PLUGIN, folder, { recursive: true });
  return folder;
}

let loaded: Promise<MemoryPlugin> | undefined;

/** The plugin, loaded once: its folder is not needed any more then. */
function loadedPlugin(): Promise<MemoryPlugin> {
  loaded ??= installedPlugin().then(
    async (folder) => (await import(pathToFileURL(path.join(folder, 'index.js')).href)) as MemoryPlugin,
  );
  return loaded;
}

describe('the state in memory', () => {
  const ttlMs = 50;
  const cases = stateStoreCases({
    open: async () => {
      const { MemoryState, MemoryStateStore } = await loadedPlugin();
      const state = new MemoryState();
      return {
        ttlMs,
        connect: () => Promise.resolve(new MemoryStateStore(state, { ttlMs })),
        connectElsewhere: ({ suspended }) =>
          Promise.resolve(new MemoryStateStore(state, { ttlMs, isSilent: suspended })),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      };
    },
  });
  for (const { name, run } of cases) it(name, run);
});

it('is chosen in a configuration file, and leaves no file', async () => {
  await using site = await makeSite();
  await using board = await startVirtualBoard({
    nodes: [{ board: 'rk1' }],
    dir: path.join(site.directory, 'board'),
    clock: { scale: 20 },
    httpPort: 'off',
  });
  await site.configure(board, { stateStore: 'memory' });
  const refused = await runCli(['up'], { cwd: site.directory });
  expect(refused).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('known: file') as string });
  const dependencies = { 'turingpi-state-memory': '*' };
  await writeFile(path.join(site.directory, 'package.json'), JSON.stringify({ dependencies }));
  const modules = path.join(site.directory, 'node_modules');
  await mkdir(modules);
  await symlink(await installedPlugin(), path.join(modules, 'turingpi-state-memory'), 'junction');

  const up = await runCli(['up', '--erase', 'new'], { cwd: site.directory });
  expect(up.exitCode, up.stderr).toBe(0);
  expect(up.stdout).toContain('post completed');
  const files = await readdir(site.cacheDir);
  expect(files.filter((name) => /^tpi_state\.(?:json|journal)|secrets/.test(name))).toEqual([]);
  const status = await runCli(['status', '--json'], { cwd: site.directory });
  expect(JSON.parse(status.stdout)).toMatchObject({
    stateFile: expect.stringContaining('memory') as string,
    nodes: { Node1: { post_installation: { status: 'pending' } } }, // of another process
  });
}, 180_000);

it('is chosen by a program, and shared by its clusters', async () => {
  const { default: memory } = await loadedPlugin();
  const boards = defineExtensionPoint({ key: 'boards', title: 'board', nodeKey: 'board' });
  const sample = { extensionPoints: [boards], boards: [{ id: 'sample' }] };
  await using site = await makeSite();
  const open = (stateFileName: string) =>
    createTuringPi({
      ip: '10.0.0.2',
      node1: { ip: '10.0.0.11', board: 'sample' },
      cacheDir: site.cacheDir,
      stateFileName,
      stateStore: 'memory',
      plugins: [memory, definePlugin({ name: 'sample', ...(sample as object) })],
    });
  const done: string[] = [];
  const provision = async (stateFileName: string) => {
    await using cluster = await open(stateFileName);
    const run = cluster.run((context) =>
      context.runJournaledPhase({
        id: 'post_installation',
        inputs: {},
        installationId: 'one',
        run: async (_environment, journal) => {
          await journal.perform('do', stateFileName, () => Promise.resolve(done.push(stateFileName)));
        },
      }),
    );
    await run(Node1);
    return await cluster.journal(Node1);
  };
  expect(await provision('a.json')).toMatchObject([{ action: 'do', result: 1 }]);
  expect(await provision('a.json')).toMatchObject([{ action: 'do', result: 1 }]);
  await provision('b.json');
  expect(done).toEqual(['a.json', 'b.json']);
});
