import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createTuringPi } from '../cluster/create-turing-pi.js';
import { rejection, temporaryDirectory, SAMPLE_BOARDS } from '../cluster/sample-cluster.fixture.js';
import { definePlugin } from './define-plugin.js';
import { discoverPlugins, type DiscoverPluginsOptions, type PluginDiscovery } from './discover-plugins.js';
import { boardClass, MANIFEST, pluginModule, writePackage, writeProject } from './plugin-package.fixture.js';

const discover = (options: Partial<DiscoverPluginsOptions>) =>
  discoverPlugins({ named: [], projectDir: undefined, programDir: undefined, ...options });
const found = ({ plugins }: PluginDiscovery) =>
  plugins.map(({ plugin, source }) => `${plugin.name} (${source})`);
/** A module that says so when it is imported. */
const tattling = (name: string) => `globalThis['imported ${name}'] = true; ${pluginModule(name)}`;
const wasImported = (name: string) => `imported ${name}` in globalThis;

describe('plugins', () => {
  it('are found by name, among the dependencies, and with the program, in this order', async () => {
    const directory = await temporaryDirectory();
    const projectDir = await writeProject(path.join(directory, 'project'), {
      'plugin-b': {},
      '@scope/plugin-a': {},
      lodash: { manifest: {} },
      'named-too': {},
    });
    const programDir = await writeProject(path.join(directory, 'program'), {
      'plugin-b': { module: pluginModule('plugin-b', "version: 'built-in'") },
      'plugin-z': {},
    });
    const discovery = await discover({ named: ['named-too'], projectDir, programDir });
    expect(found(discovery)).toEqual([
      'named-too (configuration)',
      '@scope/plugin-a (project)',
      'plugin-b (project)',
      'plugin-z (built-in)',
    ]);
    expect(discovery.failures).toEqual([]);
    expect(discovery.plugins[1]?.manifest).toEqual({
      name: '@scope/plugin-a',
      version: '1.2.3',
      kind: 'board',
      api: 1,
      directory: path.join(projectDir, 'node_modules/@scope/plugin-a'),
      entry: path.join(projectDir, 'node_modules/@scope/plugin-a/index.js'),
    });
  });

  it('are found by path, from the folder of the configuration', async () => {
    const baseDir = await temporaryDirectory();
    await writePackage(path.join(baseDir, 'mine'), 'mine');
    expect(found(await discover({ named: ['./mine'], baseDir }))).toEqual(['mine (configuration)']);
    expect(found(await discover({ named: [path.join(baseDir, 'mine')] }))).toEqual(['mine (configuration)']);
    expect(found(await discover({ named: ['./mine'], projectDir: baseDir }))).toEqual([
      'mine (configuration)',
    ]);
  });

  it('are found in node_modules further up', async () => {
    const directory = await temporaryDirectory();
    await writePackage(path.join(directory, 'node_modules/plugin'), 'plugin');
    const baseDir = path.join(directory, 'a', 'b');
    await mkdir(baseDir, { recursive: true });
    expect(found(await discover({ named: ['plugin'], baseDir }))).toEqual(['plugin (configuration)']);
  });

  it('are found where the exports hide package.json', async () => {
    const projectDir = await writeProject(await temporaryDirectory(), {
      hidden: { manifest: { ...MANIFEST, exports: { '.': './index.js' } } },
    });
    expect(found(await discover({ projectDir }))).toEqual(['hidden (project)']);
  });

  it('are found through links: npm link, workspaces', async () => {
    const directory = await temporaryDirectory();
    await writePackage(path.join(directory, 'elsewhere'), 'linked');
    const projectDir = await writeProject(path.join(directory, 'project'), { linked: {} });
    const installed = path.join(projectDir, 'node_modules/linked');
    await rm(installed, { recursive: true });
    await symlink(path.join(directory, 'elsewhere'), installed, 'junction');
    expect(found(await discover({ projectDir }))).toEqual(['linked (project)']);
  });

  it('count once, by the name of the package: also under an alias, by path, or twice', async () => {
    const directory = await temporaryDirectory();
    const projectDir = await writeProject(directory, { plugin: {}, alias: {} });
    await writePackage(path.join(directory, 'node_modules/alias'), 'plugin');
    const named = ['plugin', './node_modules/plugin'];
    expect(found(await discover({ projectDir }))).toEqual(['plugin (project)']);
    expect(found(await discover({ named, projectDir }))).toEqual(['plugin (configuration)']);
  });

  it('given in code are taken as they are', async () => {
    const plugin = definePlugin({ name: 'mine' });
    const discovery = await discover({ named: [plugin] });
    expect(discovery.plugins).toEqual([{ plugin, source: 'code', manifest: undefined }]);
  });

  it('are searched nowhere when there is no package.json', async () => {
    expect(await discover({ projectDir: await temporaryDirectory() })).toEqual({ plugins: [], failures: [] });
  });
});

describe('a broken plugin', () => {
  it.each<[what: string, code: string, content: Parameters<typeof writePackage>[2]]>([
    [
      'made for another API',
      'PLUGIN_API_MISMATCH',
      { manifest: { turingpi: { plugin: './index.js', kind: 'os', api: 2 } } },
    ],
    ['with a manifest that makes no sense', 'PLUGIN_INVALID', { manifest: { turingpi: { plugin: 5 } } }],
    ['with a manifest that is null', 'PLUGIN_INVALID', { manifest: { turingpi: null } }],
    ['without a name', 'PLUGIN_INVALID', { manifest: { ...MANIFEST, name: undefined } }],
    [
      'with an entry outside',
      'PLUGIN_INVALID',
      { manifest: { turingpi: { plugin: '../other/index.js', kind: 'os', api: 1 } } },
    ],
    [
      'with an absolute entry',
      'PLUGIN_INVALID',
      { manifest: { turingpi: { plugin: '/etc/passwd', kind: 'os', api: 1 } } },
    ],
    [
      'with itself as entry',
      'PLUGIN_INVALID',
      { manifest: { turingpi: { plugin: '.', kind: 'os', api: 1 } } },
    ],
    [
      'with an impossible entry',
      'PLUGIN_INVALID',
      { manifest: { turingpi: { plugin: './a\0b.js', kind: 'os', api: 1 } } },
    ],
    [
      'with a missing entry',
      'PLUGIN_INVALID',
      { manifest: { turingpi: { plugin: './none.js', kind: 'os', api: 1 } } },
    ],
    ['with a syntax error', 'PLUGIN_INVALID', { module: 'export default {' }],
    ['that throws', 'PLUGIN_INVALID', { module: 'throw new Error("no");' }],
    ['that throws no error', 'PLUGIN_INVALID', { module: 'throw undefined;' }],
    ['without a default export', 'PLUGIN_INVALID', { module: 'export const a = 1;' }],
    ['that is not stamped', 'PLUGIN_INVALID', { module: 'export default { name: "x", apiVersion: 1 };' }],
    ['stamped for another API', 'PLUGIN_API_MISMATCH', { module: pluginModule('broken', '', 7) }],
    ['whose boards are no contributions', 'PLUGIN_INVALID', { module: pluginModule('x', 'boards: [5]') }],
    ['whose systems are no list', 'PLUGIN_INVALID', { module: pluginModule('x', 'os: 5') }],
    [
      'whose services have no token',
      'PLUGIN_INVALID',
      { module: pluginModule('x', 'services: [{ useValue: 1 }]') },
    ],
    ['that requires something else', 'PLUGIN_INVALID', { module: pluginModule('x', 'requires: [{}]') }],
  ])('%s is an error when it is named, else a failure beside the others', async (_what, code, content) => {
    const projectDir = await writeProject(await temporaryDirectory(), { broken: content ?? {}, fine: {} });
    const error = await rejection(discover({ named: ['broken'], projectDir }));
    expect(error).toMatchObject({ code, hint: expect.any(String) as string });
    expect(error.message).toContain('broken');

    const discovery = await discover({ projectDir });
    expect(found(discovery)).toEqual(['fine (project)']);
    expect(discovery.failures).toMatchObject([{ name: 'broken', source: 'project', error: { code } }]);
  });

  it('made for another API is not even imported', async () => {
    const projectDir = await writeProject(await temporaryDirectory(), {
      future: { manifest: { turingpi: { ...MANIFEST.turingpi, api: 2 } }, module: tattling('future') },
      present: { module: tattling('present') },
    });
    await discover({ projectDir });
    expect([wasImported('future'), wasImported('present')]).toEqual([false, true]);
  });

  it.runIf(process.platform !== 'win32')('whose entry links to a file outside is not imported', async () => {
    const directory = await temporaryDirectory();
    await writeFile(path.join(directory, 'outside.js'), tattling('outside'));
    const projectDir = await writeProject(path.join(directory, 'project'), { sly: {} });
    const entry = path.join(projectDir, 'node_modules/sly/index.js');
    await rm(entry);
    await symlink(path.join(directory, 'outside.js'), entry);
    const { failures } = await discover({ projectDir });
    expect(failures).toMatchObject([{ name: 'sly', error: { code: 'PLUGIN_INVALID' } }]);
    expect(wasImported('outside')).toBe(false);
  });

  it('with a package.json that is not JSON is told', async () => {
    const projectDir = await writeProject(await temporaryDirectory(), { broken: {} });
    await writeFile(path.join(projectDir, 'node_modules/broken/package.json'), '{');
    expect((await discover({ projectDir })).failures).toMatchObject([{ error: { code: 'PLUGIN_INVALID' } }]);
  });

  it.each(['nowhere', './nowhere', '/nowhere', 'fs', '@scope/none'])('named %s is missing', async (name) => {
    const error = await rejection(discover({ named: [name], baseDir: await temporaryDirectory() }));
    expect(error).toMatchObject({ code: 'PLUGIN_NOT_FOUND', hint: expect.any(String) as string });
    expect(error.message).toContain(path.basename(name));
  });

  it('that a node needs is named with the reason', async () => {
    const baseDir = await writeProject(await temporaryDirectory(), {
      'board-x': { manifest: { turingpi: { ...MANIFEST.turingpi, api: 2 } } },
      'board-y': {
        module: pluginModule('board-y', `boards: [class { constructor() { throw new Error('no bus'); } }]`),
      },
    });
    const error = await rejection(
      createTuringPi(
        { ip: '10.0.0.2', node1: { ip: '10.0.0.3', board: 'x' }, cacheDir: 'cache' },
        { baseDir },
      ),
    );
    expect(error).toMatchObject({
      code: 'CONFIG_INVALID',
      hint: expect.stringMatching(/board-x \(PLUGIN_API_MISMATCH.*board-y \(.*no bus/) as string,
    });
  });
});

describe('createTuringPi', () => {
  it('uses the plugins beside the configuration and those of the program', async () => {
    const directory = await temporaryDirectory();
    const baseDir = await writeProject(path.join(directory, 'project'), {
      mine: { module: pluginModule('mine', `boards: [${boardClass('mine')}]`) },
    });
    const programDir = await writeProject(path.join(directory, 'program'), {
      rk1: { module: pluginModule('rk1', `boards: [${boardClass('rk1')}]`) },
    });
    const config = {
      ip: '10.0.0.2',
      node1: { ip: '10.0.0.3', board: 'mine' },
      node2: { ip: '10.0.0.4', board: 'rk1' },
      cacheDir: 'cache',
    };
    const cluster = await createTuringPi(config, { baseDir, programDir });
    expect(cluster.registry.extensions.idsOf(SAMPLE_BOARDS)).toEqual(['mine', 'rk1']);
    const [mine] = cluster.plugins.plugins;
    expect(cluster.registry.extensions.contributionsOf(mine!.plugin)).toEqual({ boards: ['mine'] });
  });

  it('given plugins as objects uses those beside the configuration as well; of one name, the object', async () => {
    const baseDir = await writeProject(await temporaryDirectory(), {
      mine: { module: pluginModule('mine', `boards: [${boardClass('mine')}]`) },
      object: { module: tattling('object') },
    });
    await writePackage(path.join(baseDir, 'local'), 'local', {
      module: pluginModule('local', `boards: [${boardClass('local')}]`),
    });
    const cluster = await createTuringPi(
      {
        ip: '10.0.0.2',
        node1: { ip: '10.0.0.3', board: 'local' },
        cacheDir: 'cache',
        plugins: [definePlugin({ name: 'object' }), './local'],
      },
      { baseDir },
    );
    expect(found(cluster.plugins)).toEqual(['object (code)', 'local (configuration)', 'mine (project)']);
    expect(wasImported('object')).toBe(false);
  });
});
