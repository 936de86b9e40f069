import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { configOf, createTuringPi, type TuringPiConfig } from '@turingpi/core';
import type { ConfigKey } from '@turingpi/core/plugin';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jsonLines, runCli } from '../support/site/run-cli.js';
import { makeProject } from './make-project.js';

const EXAMPLE = path.resolve(import.meta.dirname, '../../examples/plugins/rack');

interface RackPlugin {
  readonly RACK: ConfigKey<{ readonly name: string; readonly slot: number }>;
}

let removeProject: () => Promise<void>;
const plugin = path.join(await makeProject((remove) => (removeProject = remove)), 'rack');
await cp(EXAMPLE, plugin, { recursive: true });
const { RACK } = (await import(pathToFileURL(path.join(plugin, 'index.js')).href)) as RackPlugin;
afterAll(() => removeProject());

/** A folder with a configuration, in which the plugin is installed. */
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'turingpi-rack-'));
  await mkdir(path.join(folder, 'node_modules'));
  await symlink(plugin, path.join(folder, 'node_modules/turingpi-rack'), 'junction');
  await dependOn('turingpi-rack');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const dependOn = (...names: readonly string[]) => {
  const dependencies = Object.fromEntries(names.map((name) => [name, '*']));
  return writeFile(path.join(folder, 'package.json'), JSON.stringify({ dependencies }));
};
const configure = (...lines: readonly string[]) =>
  writeFile(
    path.join(folder, 'turingpi.yaml'),
    ['ip: 192.168.1.90', 'node1: { ip: 192.168.1.101, board: rk1 }', 'cacheDir: cache', ...lines].join('\n'),
  );
const turingpi = (...words: readonly string[]) => runCli(words, { cwd: folder });

/** A package that says it is a plugin, with this as its definition. */
async function install(name: string, definition: string): Promise<void> {
  const place = path.join(folder, 'node_modules', name);
  await mkdir(place, { recursive: true });
  const turingpiField = { plugin: './index.js', kind: 'command', api: 1 };
  const manifest = { name, version: '1.0.0', type: 'module', turingpi: turingpiField };
  await writeFile(path.join(place, 'package.json'), JSON.stringify(manifest));
  await writeFile(path.join(place, 'index.js'), definition);
  await dependOn('turingpi-rack', name);
}

const definition = (name: string, body: string) =>
  `export default { name: '${name}', apiVersion: 1, [Symbol.for('@turingpi/core:plugin')]: true, ${body} };`;
/** A command that says who it is of. */
const says = (name: string, id: string) =>
  definition(
    name,
    `commands: [{ id: '${id}', summary: 'of a plugin', examples: ['turingpi ${id}'],
       async run({ stdout }) { stdout.write('${name}\\n'); return 7; } }]`,
  );

describe('a configuration key of a plugin', () => {
  it('has all that is wrong in it told with the rest, each with its place', async () => {
    await configure('rack: { nme: A3, slot: two }', 'rak: 1', 'network: { prefixLength: 99 }');
    const { exitCode, stdout } = await turingpi('status', '--json');
    expect(exitCode).toBe(3);
    const [{ code, issues }] = jsonLines(stdout) as unknown as [
      { code: string; issues: { key: string; line: number; column: number; message: string }[] },
    ];
    expect(code).toBe('CONFIG_INVALID');
    expect(issues.map(({ key, line, column }) => `${line}:${column} ${key}`)).toEqual([
      '4:9 rack.nme',
      '4:18 rack.slot',
      '5:1 rak',
      '6:12 network.prefixLength',
    ]);
    expect(issues.find(({ key }) => key === 'rack.nme')?.message).toContain('`name`');
    expect(issues.find(({ key }) => key === 'rak')?.message).toContain('`rack`');
  });

  it('is not merely unknown when its plugin is broken', async () => {
    await install('turingpi-shelf', 'throw new Error("no shelf today");');
    await configure('shelf: 1');
    const { exitCode, stderr } = await turingpi('status');
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/4:1.*`shelf` unknown key.*turingpi-shelf/s);
    expect(stderr).toContain('no shelf today');
  });

  it('is data for programs, from a file or from code', async () => {
    const config = {
      ip: '192.168.1.90',
      cacheDir: path.join(folder, 'cache'),
      node1: { ip: '192.168.1.101', board: 'rk1' },
      rack: { name: 'B' },
    } as TuringPiConfig;
    const programDir = path.resolve(import.meta.dirname, '../../packages/cli');
    await using cluster = await createTuringPi(config, { baseDir: folder, programDir });
    expect(configOf(cluster.config, RACK)).toEqual({ name: 'B', slot: 1 });
  });
});

describe('a command of a plugin', () => {
  it('gets what was typed, and the configuration that is named', async () => {
    await configure('rack: { name: A3, slot: 2 }', 'node2: { ip: 192.168.1.102, board: rk1 }');
    expect((await turingpi('rack')).stdout).toBe('A3 2 node 1\nA3 2 node 2');
    expect((await turingpi('rack', '2', '--format', '{rack}/{node}')).stdout).toBe('A3/2');
    expect(jsonLines((await turingpi('rack', '2', '--json')).stdout)).toEqual([
      { rack: 'A3', slot: 2, node: 2 },
    ]);
    const elsewhere = await runCli(['rack', '1', '--config', path.join(folder, 'turingpi.yaml')], {
      cwd: '/',
    });
    expect(elsewhere).toMatchObject({ exitCode: 0, stdout: 'A3 2 node 1' });
  });

  it('has its errors told as all are, and a wrong value as a wrong command line', async () => {
    await configure();
    expect(await turingpi('rack')).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('does not say where') as string,
    });
    const wrong = await turingpi('rack', '--format', 'x');
    expect(wrong).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('{node}') as string });
  });

  it('is listed under a heading of its own, and with its plugin', async () => {
    await configure();
    const { stdout } = await turingpi('--help');
    const [builtIn, ofPlugins] = stdout.split('\nCommands of plugins:\n');
    expect(builtIn).toMatch(/^ {2}status\b/m);
    expect(ofPlugins).toMatch(/^ {2}rack\b/m);
    const listed = JSON.parse((await turingpi('plugin', 'list', '--json')).stdout) as {
      plugins: { name: string; brings: object }[];
    };
    expect(listed.plugins.find(({ name }) => name === 'turingpi-rack')?.brings).toEqual({
      commands: ['rack'],
      configKeys: ['rack'],
    });
  });

  it('needs no configuration to be found', async () => {
    expect((await turingpi('rack', '--help')).exitCode).toBe(0);
    expect(await turingpi('rack')).toMatchObject({ exitCode: 3 });
  });

  it('stands in for a built-in one only where the configuration says so', async () => {
    await install('turingpi-other', says('turingpi-other', 'status'));
    await configure();
    expect(await turingpi('status')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('pending') as string,
    });
    expect((await turingpi('--help')).stderr).toContain('turingpi-other');
    await configure('replace: { commands: { status: turingpi-other } }');
    expect(await turingpi('status')).toMatchObject({ exitCode: 7, stdout: 'turingpi-other' });
    expect(await turingpi('plugin', 'list')).toMatchObject({ exitCode: 0 });
    // Else the built-in one would run unnoticed.
    await configure('replace: { commands: { status: turingpi-gone } }');
    const gone = await turingpi('status');
    expect(gone.exitCode).not.toBe(0);
    expect(gone.stderr).toMatch(/turingpi-gone.*status/);
  });
});
