import { cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ClusterPlan } from '@turingpi/core';
import { createDeclaredTuringPi, declarativeWorkflow, loadConfig } from '@turingpi/provisioning';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { runCli } from '../../support/site/run-cli.js';
import { makeSite, type Site } from '../../support/site/site.js';

/*
 * What a configuration means, and not how it is written, decides what is planned. One node is installed once; everything
 * after that is only planned.
 */
interface Config {
  network: Record<string, unknown>;
  node1: Record<string, unknown>;
  workflow: {
    baseImages: Record<string, string>;
    user: { name: string; password: string; sshKeys: string[] };
    files: Record<string, unknown>[];
    [key: string]: unknown;
  };
  [key: string]: unknown;
}

let site: Site;
let board: VirtualBoard;
let original: Config;

beforeAll(async () => {
  site = await makeSite();
  board = await startVirtualBoard({
    dir: path.join(site.directory, 'board'),
    nodes: [{ board: 'rk1' }],
    clock: { scale: 100 },
    httpPort: 'off',
  });
  await site.configure(board);
  original = parse(await readFile(site.configFile, 'utf8')) as Config;
  const { exitCode, stdout } = await runCli(['up', '--json', '--erase', 'all', '-c', site.configFile]);
  expect(exitCode, stdout).toBe(0);
}, 120_000);
afterAll(async () => {
  await board[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

/** The plan of a configuration file as it is. */
async function planOf(configFile: string): Promise<ClusterPlan> {
  const file = await loadConfig(configFile);
  const programDir = path.resolve(import.meta.dirname, '../../../packages/cli');
  await using cluster = await createDeclaredTuringPi(file.input as never, { ...file, programDir });
  const workflow = declarativeWorkflow(cluster, { ...file, environment: process.env });
  return await cluster.plan(workflow, { offline: true });
}

/** The same of a text, beside the files that it names. */
async function planOfText(text: string, name = 'other.yaml'): Promise<ClusterPlan> {
  const configFile = path.join(site.directory, name);
  await writeFile(configFile, text);
  return planOf(configFile);
}

/** Names of the inputs that a plan says changed, of all phases. */
function changed({ nodes }: ClusterPlan): string[] {
  return nodes.flatMap(({ phases }) => phases.flatMap(({ changes }) => changes.map(({ name }) => name)));
}

describe('the same, written otherwise', { timeout: 120_000 }, () => {
  it('in another order of keys', async () => {
    const shuffled = fc.shuffledSubarray(Object.keys(original), { minLength: Object.keys(original).length });
    await fc.assert(
      fc.asyncProperty(shuffled, async (keys) => {
        const plan = await planOfText(stringify(Object.fromEntries(keys.map((key) => [key, original[key]]))));
        expect(plan).toMatchObject({ changes: false });
      }),
      { numRuns: 5 },
    );
  });

  it.each<[string, () => Promise<ClusterPlan>]>([
    ['with comments', () => planOfText(stringify(original).replaceAll(/^(?=\w)/gm, '# why\n'))],
    ['as JSON', () => planOfText(JSON.stringify(original), 'other.json')],
    [
      'with absolute paths',
      () =>
        planOfText(
          stringify(original)
            .replaceAll('./cache', path.join(site.directory, 'cache'))
            .replaceAll('./files', path.join(site.directory, 'files')),
        ),
    ],
    [
      'in another folder',
      async () => {
        const moved = path.join(site.directory, 'moved');
        await cp(path.join(site.directory, 'files'), path.join(moved, 'files'), { recursive: true });
        await cp(path.join(site.directory, 'cache'), path.join(moved, 'cache'), { recursive: true });
        await cp(site.privateKeyFile, path.join(moved, 'id_ed25519'));
        await writeFile(path.join(moved, 'turingpi.yaml'), stringify(original));
        return planOf(path.join(moved, 'turingpi.yaml'));
      },
    ],
    [
      'with other comments in keys',
      () => {
        const [key = ''] = original.workflow.user.sshKeys;
        return planOfText(stringify(original).replaceAll(key, key.replace(/ site$/, ' of-my-notebook')));
      },
    ],
  ])('%s', async (_how, plan) => {
    expect(changed(await plan())).toEqual([]);
    expect(await plan()).toMatchObject({ changes: false });
  });
});

function planOfChange(change: (config: Config) => void): Promise<ClusterPlan> {
  const config = structuredClone(original);
  change(config);
  return planOfText(stringify(config));
}

describe('another meaning is named', { timeout: 120_000 }, () => {
  const otherKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIEFjBAsTSVoW3wcBFxZ0sPg1wOEOEnVCBEKiM0YRKwR other';
  it.each<[string, (config: Config) => void]>([
    ['user.name', (config) => (config.workflow.user.name = 'captain')],
  ])('%s, which needs a reinstallation', async (name, change) => {
    const plan = await planOfChange(change);
    expect(changed(plan)).toContain(name);
    expect(plan.nodes[0]?.phases[0]).toMatchObject({ error: { code: 'NEEDS_REINSTALL' } });
  });

  it.each<[string, (config: Config) => void]>([
    ['network.address', (config) => (config.node1['ip'] = '192.168.1.177')],
    ['network.gateway', (config) => (config.network['gateway'] = '192.168.1.254')],
    ['network.dnsServers', (config) => (config.network['dnsServers'] = ['9.9.9.9'])],
    ['network.hostname', (config) => (config.node1['hostname'] = 'renamed')],
    ['user.password', (config) => (config.workflow.user.password = 'another-long-password')],
    ['user.sshKeys', (config) => config.workflow.user.sshKeys.push(otherKey)],
    ['timezone', (config) => (config.workflow['timezone'] = 'Europe/Berlin')],
    ['locale', (config) => (config.workflow['locale'] = 'de_DE.UTF-8')],
    ['packages', (config) => (config.workflow['packages'] = ['htop'])],
    ['file /etc/my_app/config', (config) => (config.workflow.files[0]!['content'] = 'other data')],
    ['file /usr/local/bin/script.sh', (config) => (config.workflow.files[1]!['mode'] = '0700')],
    ['file /etc/new', (config) => config.workflow.files.push({ path: '/etc/new', content: '' })],
  ])('%s, which is applied in place', async (name, change) => {
    const plan = await planOfChange(change);
    expect(changed(plan)).toContain(name);
    expect(plan.nodes[0]?.phases[1]).toMatchObject({ decision: 'run', takesEffect: 'in place' });
    expect(JSON.stringify(plan)).not.toContain('another-long-password');
  });
});
