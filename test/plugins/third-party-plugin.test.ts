import { execFile } from 'node:child_process';
import { appendFile, cp, readFile, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BackendImageEngine } from '@turingpi/image';
import { createTuringPi, type TuringPiConfig } from '@turingpi/core';
import { loadConfig, declarativeWorkflow } from '@turingpi/provisioning';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeProject } from './make-project.js';

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
const BASE_IMAGE = path.join(REPOSITORY, 'packages/virtual-node/base-images/rk1-ubuntu.img.xz');
const FIXTURE = path.join(REPOSITORY, 'test/plugins/fixtures/third-party');

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN3TpK1nOn3NjPUEPTlR4kOMaQbE9TFHmsRXBb8xaPGZ rock@example';

/** How a node is asked what is at the path of a file that is to be written. */
const LOOK_AT_IT = ['sh', '-c', expect.stringContaining('stat') as string, 'sh', '/etc/done'];

let project: string;

/** The fixture in a folder of its own, with its dependencies installed. */
beforeEach(async () => {
  project = await makeProject();
  await cp(FIXTURE, project, { recursive: true });
  await cp(BASE_IMAGE, path.join(project, 'base.img.xz'));
  // npm installs `file:` dependencies as links.
  await symlink(
    path.join(project, 'pebble-plugin'),
    path.join(project, 'node_modules/turingpi-plugin-pebble'),
    'junction',
  );
});

async function provisionDeclared() {
  const { input, ...place } = await loadConfig(path.join(project, 'turingpi.yaml'));
  const cluster = await createTuringPi(input as TuringPiConfig, { ...place, approve: 'all' });
  const workflow = declarativeWorkflow(cluster, { ...place, environment: {} });
  const summary = await cluster.runAll(cluster.run(workflow));
  expect(summary.nodes.map(({ error }) => error)).toEqual([undefined, undefined]);
  return {
    cluster,
    outcomes: summary.nodes.map(({ phases }) => Object.values(phases).map(({ outcome }) => outcome)),
  };
}
const storage = async (node: number) =>
  JSON.parse(await readFile(path.join(project, 'cache', `pebble-${node}.json`), 'utf8')) as unknown;
/** What is in files of a pebble's disk. */
async function onDisk(node: number, names: readonly string[]): Promise<Record<string, string | undefined>> {
  const { signal } = new AbortController();
  const disk = path.join(project, 'cache', `pebble-${node}.img`);
  await using image = await new BackendImageEngine().open(disk, { signal, cacheDir: project });
  const files = await image.files();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await files.readText(name)] as const)),
  );
}

describe('a plugin of a third party in plain JavaScript', () => {
  it('is found beside the configuration, and its board and system run all three phases', async () => {
    const { cluster, outcomes } = await provisionDeclared();
    expect(cluster.plugins).toMatchObject({
      plugins: [
        {
          source: 'project',
          manifest: { name: 'turingpi-plugin-pebble', version: '0.3.0', kind: 'board', api: 1 },
        },
      ],
      failures: [],
    });
    expect(outcomes).toEqual(Array(2).fill(Array(3).fill('completed')));
    for (const [node, hostname] of [
      [1, 'turingpi-node1'],
      [2, 'second'],
    ] as const) {
      const written = { '/etc/hostname': hostname, '/etc/authorized_keys': KEY, '/etc/motd': 'hello' };
      expect(await onDisk(node, Object.keys(written))).toEqual(written);
      expect(await storage(node)).toEqual({
        files: { '/etc/done': 'yes' },
        // What writes a file looks first whether it is there.
        commands: [['systemctl', 'enable', 'pebble'], LOOK_AT_IT],
      });
    }
    const node1 = (await cluster.status()).get(1);
    expect(node1?.os_installation).toMatchObject({ output: { username: 'rock', strategy: 'copy' } });
    expect(await cluster.journal(1)).toHaveLength(2);
  });

  it('is skipped where nothing changed, and runs again where something did', async () => {
    await provisionDeclared();
    const before = await storage(1);
    expect((await provisionDeclared()).outcomes).toEqual(Array(2).fill(Array(3).fill('skipped')));
    expect(await storage(1)).toEqual(before);

    await appendFile(path.join(project, 'turingpi.yaml'), '    - run: uptime\n');
    expect((await provisionDeclared()).outcomes).toEqual(Array(2).fill(['skipped', 'skipped', 'completed']));
    expect(await storage(1)).toMatchObject({
      commands: [['systemctl', 'enable', 'pebble'], LOOK_AT_IT, 'uptime'],
    });

    // An image is needed by who still has to install it: of a finished node nobody asks for it.
    await rm(path.join(project, 'cache/second.img.xz'));
    expect((await provisionDeclared()).outcomes).toEqual(Array(2).fill(Array(3).fill('skipped')));
  });

  it('works from a script in plain JavaScript, in plain Node', async () => {
    const run = async () => {
      const { stdout } = await promisify(execFile)(process.execPath, ['provision.js'], { cwd: project });
      return JSON.parse(stdout) as unknown;
    };
    const plugin = 'turingpi-plugin-pebble@0.3.0 (project)';
    expect(await run()).toEqual({ plugin, outcomes: ['completed', 'completed', 'completed'] });
    expect(await run()).toEqual({ plugin, outcomes: ['skipped', 'skipped', 'skipped'] });
  });
});
