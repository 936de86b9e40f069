import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ClusterConfig, CLUSTER_CONFIG, definePlugin, type Plugin } from '@turingpi/core/plugin';
import {
  rejection,
  SampleBoard,
  SampleOs,
  temporaryDirectory,
} from '../../../core/src/cluster/sample-cluster.fixture.js';
import { loadConfig } from './load-config.js';

import type { PostInstallAction } from '../action/post-install-action.js';
import type { BoardDriver } from '../board/board-driver.js';
import type { ContributedStrategy } from '../installation/strategies.js';
import { provisioningPlugin } from '../provisioning-plugin.js';

import type { OperatingSystem } from '../os/operating-system.js';
import type { OsSettings } from '../os/os-settings.js';
import { createDeclaredTuringPi, type CreateDeclaredOptions } from './create-declared-turing-pi.js';

class PlainBoard extends SampleBoard {
  readonly strategies = [];
}

/** An operating system that takes no user name with capitals, and no VLAN. */
class CheckingOs extends SampleOs {
  check = ({ credentials, network }: OsSettings) =>
    Promise.resolve([
      ...(/[A-Z]/.test(credentials.username ?? '') ? [problem('credentials', 'username')] : []),
      ...(credentials.sshKeys ?? []).flatMap((key, index) =>
        key === 'bad' ? [problem('credentials', 'sshKeys', index)] : [],
      ),
      ...(network?.vlan === undefined ? [] : [problem('network', 'vlan')]),
    ]);
}
const problem = (...setting: (string | number)[]) => ({
  setting,
  code: 'BAD',
  message: 'bad',
  hint: 'Do better.',
});
/** Its nodes take no commands. */
class MuteOs extends SampleOs {
  override readonly id = 'mute';
  override readonly access = 'none';
}
const plugin = definePlugin({
  name: 'checking',
  requires: [provisioningPlugin],
  os: [CheckingOs as unknown as new () => OperatingSystem, MuteOs as unknown as new () => OperatingSystem],
  boards: [PlainBoard as unknown as new () => BoardDriver],
});

/** Everything that is said of a configuration file, as `line:column key`. */
async function said(
  lines: readonly string[],
  options: CreateDeclaredOptions = {},
  plugins: readonly Plugin[] = [plugin],
) {
  const directory = await temporaryDirectory();
  const file = path.join(directory, 'turingpi.yaml');
  await writeFile(file, ['cacheDir: cache', ...lines].join('\n'));
  await writeFile(path.join(directory, 'base.img'), 'x');
  const { input, ...place } = await loadConfig(file);
  const config = { ...(input as object), plugins } as unknown as Parameters<typeof createDeclaredTuringPi>[0];
  const error = await rejection(createDeclaredTuringPi(config, { ...place, environment: {}, ...options }));
  const { issues } = error['details'] as {
    issues: { key: string; line: number; column: number; code?: string }[];
  };
  return { error, issues, keys: issues.map(({ key, line, column }) => `${line}:${column} ${key}`) };
}

const NODE1 = 'node1: { ip: 10.0.0.11, board: rk1, os: ubuntu }';
const NODE2 = 'node2: { ip: 10.0.0.12, board: rk1, os: ubuntu }';

describe('a declared cluster', () => {
  it('has every error of its configuration told at once, each with its place', async () => {
    const { error, keys } = await said([
      'ip: 10.0.0.2',
      'node1: { ip: nonsense, board: rk1, os: ubuntu }',
      'node2: { ip: 10.0.0.12, board: rk9, os: ubuntu }',
      'bmc: { password: { env: NOT_SET } }',
      'workflow:',
      '  baseImages: { ubuntu: ./none.img }',
      '  user: { name: Admin, password: { file: ./none }, sshKeys: [good, bad] }',
      '  files: [{ path: /a, source: ./none }, { path: relative, content: x }]',
      '  tmezone: Etc/UTC',
    ]);
    expect(error['code']).toBe('CONFIG_INVALID');
    expect(keys).toEqual([
      '3:10 node1.ip',
      '4:25 node2.board',
      '5:8 bmc.password',
      '7:17 workflow.baseImages.ubuntu',
      '8:11 workflow.user.name',
      '8:24 workflow.user.password',
      '8:68 workflow.user.sshKeys[1]',
      '9:23 workflow.files[0].source',
      '9:43 workflow.files[1].path',
      '10:3 workflow.tmezone',
    ]);
  });

  it('has a missing address told as that alone, whatever a driver makes of it', async () => {
    class NeedyBoard extends PlainBoard {
      static inject = [CLUSTER_CONFIG];
      constructor(config: ClusterConfig) {
        super();
        if (config.ip === '') throw new Error('no address');
      }
    }
    const needy = definePlugin({
      name: 'needy',
      requires: [provisioningPlugin],
      boards: [NeedyBoard as unknown as new () => BoardDriver],
    });
    const config = {
      node1: { ip: '10.0.0.11', board: 'rk1' },
      cacheDir: await temporaryDirectory(),
      plugins: [needy],
    };
    const error = await rejection(
      createDeclaredTuringPi(config as unknown as Parameters<typeof createDeclaredTuringPi>[0], {
        environment: {},
      }),
    );
    const { issues } = error['details'] as { issues: { key: string }[] };
    expect(issues.map(({ key }) => key)).toEqual(['ip', 'node1.os']);
  });

  it('has them told as well beside a plugin with a contribution that nothing here takes', async () => {
    const commanding = definePlugin({ name: 'commanding', lights: [{ id: 'blink' }] } as unknown as Plugin);
    const lines = ['ip: 10.0.0.2', NODE1.replace('os: ubuntu', 'os: ubunut').replace('10.0.0.11', 'x')];
    const steps = ['workflow:', '  postInstall:', '    - rnu: ls'];
    const { error, keys, issues } = await said([...lines, ...steps], {}, [plugin, commanding]);
    expect(keys).toEqual(['3:10 node1.ip', '3:29 node1.os', '6:7 workflow.postInstall[0].rnu']);
    const messages = issues.map((issue) => (issue as unknown as { message: string }).message);
    expect(messages[1]).toMatch(/, did you mean `ubuntu`\?$/);
    expect(messages[2]).not.toContain('commanding');
    const { error: alone } = await said([lines[0] ?? '', NODE1.replace('os: ubuntu', 'os: ubunut')], {}, [
      plugin,
      commanding,
    ]);
    for (const { hint } of [error, alone] as unknown as { hint: string }[])
      expect(hint).not.toContain('commanding');
  });

  it('has names told that nobody has, and not what follows from them', async () => {
    const base = (images: string, node = NODE1) =>
      said(['ip: 10.0.0.2', node, `workflow: { baseImages: { ${images} } }`]);
    expect((await base('ubuntu: base.img', NODE1.replace('os: ubuntu', 'os: ubunut'))).keys).toEqual([
      '3:37 node1.os',
    ]);
    expect((await base('debian/rk1: base.img', NODE1.replace('rk1', 'rk2'))).keys).toEqual([
      '3:25 node1.board',
      '4:27 workflow.baseImages.debian/rk1',
    ]);
    const { keys, error } = await base('ubunut/rk1: base.img');
    expect(keys).toEqual(['4:27 workflow.baseImages.ubunut/rk1']);
    expect(error.message).toContain('names nothing that a plugin brings, did you mean `ubuntu/rk1`?');
    const lacking = await base('mute: base.img, talos: base.img');
    expect(lacking.keys).toEqual(['4:13 workflow.baseImages', '4:43 workflow.baseImages.talos']);
    expect(lacking.error.message).toContain('has no base image for ubuntu/rk1');
  });

  it('has what a node says for itself told where it says so, and what is common once', async () => {
    const { keys } = await said([
      'ip: 10.0.0.2',
      NODE1,
      NODE2,
      'workflow:',
      '  baseImages: { ubuntu: base.img }',
      '  files: [{ path: /a, content: x }]',
      '  network: { vlan: 7 }',
      '  nodes:',
      '    node1: { user: { name: Admin }, files: [{ path: /b, source: ./none }] }',
      '    node2: { network: { vlan: 8 }, baseImage: ./other.img }',
    ]);
    expect(keys).toEqual([
      '8:14 workflow.network.vlan',
      '10:22 workflow.nodes.node1.user.name',
      '10:57 workflow.nodes.node1.files[0].source',
      '11:25 workflow.nodes.node2.network.vlan',
      '11:36 workflow.nodes.node2.baseImage',
    ]);
  });

  it('looks only into what the nodes that run need', async () => {
    const lines = [
      'ip: 10.0.0.2',
      NODE1,
      NODE2,
      'workflow: { baseImages: { ubuntu: base.img }, nodes: { node1: { user: { name: Admin } }, node2: { user: { name: B } } } }',
    ];
    expect((await said(lines, { nodes: [2] })).keys).toEqual(['5:107 workflow.nodes.node2.user.name']);
  });

  it('keeps the code of what is only missing, and lets a command on this computer make files', async () => {
    const { error, keys } = await said([
      'ip: 10.0.0.2',
      NODE1,
      'workflow:',
      '  baseImages: { ubuntu: base.img }',
      '  user: { passwordHash: { env: NOT_SET } }',
      '  postInstall: [{ runLocal: [make] }, { copy: { source: ./made, path: /a } }]',
    ]);
    expect([error['code'], keys]).toEqual(['CONFIG_SECRET_MISSING', ['6:11 workflow.user.passwordHash']]);
  });

  it('has everything that is wrong in a step told at its place, by the action that the step names', async () => {
    const { error, keys } = await said([
      'ip: 10.0.0.2',
      NODE1,
      'workflow:',
      '  baseImages: { ubuntu: base.img }',
      '  postInstall:',
      '    - rnu: uptime',
      '    - { run: 1, sduo: true }',
      '    - { write: { path: relative, content: 5, mdoe: 0644 } }',
      '    - { run: uptime, copy: { source: ./none, path: relative } }',
      '    - {}',
      '    - text',
      '    - { reboot: yes, sudo: false }',
      '  nodes: { node1: { postInstall: [{ copy: { source: ./none, path: /a } }, { runLocal: [] }] } }',
    ]);
    expect(error['code']).toBe('CONFIG_INVALID');
    expect(keys).toEqual([
      '7:7 workflow.postInstall[0].rnu',
      '8:9 workflow.postInstall[1].run',
      '8:17 workflow.postInstall[1].sduo',
      '9:18 workflow.postInstall[2].write.path',
      '9:34 workflow.postInstall[2].write.content',
      '9:46 workflow.postInstall[2].write.mdoe',
      '10:7 workflow.postInstall[3]',
      '10:46 workflow.postInstall[3].copy.path',
      '11:7 workflow.postInstall[4]',
      '12:7 workflow.postInstall[5]',
      '13:9 workflow.postInstall[6].reboot',
      '13:22 workflow.postInstall[6].sudo',
      '14:45 workflow.nodes.node1.postInstall[0].copy.source',
      '14:77 workflow.nodes.node1.postInstall[1].runLocal',
    ]);
    const { issues } = error['details'] as { issues: { key: string; message: string }[] };
    const told = Object.fromEntries(issues.map(({ key, message }) => [key, message]));
    expect(told['workflow.postInstall[0].rnu']).toContain('did you mean `run`?');
    expect(told['workflow.postInstall[1].sduo']).toContain('did you mean `sudo`?');
    expect(told['workflow.postInstall[3]']).toContain('names copy and run');
    expect(told['workflow.postInstall[4]']).toContain(
      'expected one of blockInFile, copy, copyDirectory, fetch,',
    );
  });

  it('says of an unknown step or strategy which plugin that cannot be used may bring it', async () => {
    class Unmakeable {
      readonly id = 'unmakeable';
      constructor() {
        throw new Error('out of order');
      }
    }
    const half = { id: 'half', title: 'half an action', place: 'node' };
    const misfit = definePlugin({
      name: 'misfit',
      requires: [provisioningPlugin],
      actions: [Unmakeable as unknown as new () => PostInstallAction, half as PostInstallAction],
      strategies: [{ id: 'folder', summary: 'into a folder' } as unknown as ContributedStrategy],
    });
    const { issues } = await said(
      [
        'ip: 10.0.0.2',
        NODE1,
        'workflow:',
        '  baseImages: { ubuntu: base.img }',
        '  install: { strategy: folder }',
        '  postInstall: [{ half: 1 }]',
      ],
      {},
      [plugin, misfit],
    );
    expect(issues.map(({ key }) => key)).toEqual([
      'workflow.install.strategy',
      'workflow.postInstall[0].half',
    ]);
    for (const issue of issues)
      expect(issue).toMatchObject({
        message: expect.stringContaining('misfit') as string,
        hint: expect.stringMatching(/out of order.*`inputs`.*`supports`/) as string,
      });
  });

  it('takes what plugins do for steps, and says nothing of steps while plugins cannot be loaded', async () => {
    const action = (id: string): PostInstallAction => ({
      id,
      title: 'does nothing',
      place: 'node',
      schema: z.array(z.string()),
      options: { reboot: z.enum(['now', 'never']).optional() },
      inputs: () => ({}),
      perform: () => Promise.resolve(true),
    });
    const brings = definePlugin({ name: 'brings', requires: [provisioningPlugin], actions: [action('apk')] });
    const steps = (plugins: Plugin[]) =>
      said(
        [
          'ip: 10.0.0.2',
          NODE1,
          'workflow: { baseImages: { ubuntu: base.img }, postInstall: [{ apk: [htop, 1] }, { ap: [] }, { apk: [], reboot: no }] }',
        ],
        {},
        [plugin, ...plugins],
      );
    expect((await steps([brings])).keys).toEqual([
      '4:75 workflow.postInstall[0].apk[1]',
      '4:83 workflow.postInstall[1].ap',
      '4:104 workflow.postInstall[2].reboot', // which is an option here, and no action
    ]);
    expect((await steps([])).keys).toEqual([
      '4:63 workflow.postInstall[0].apk',
      '4:83 workflow.postInstall[1].ap',
      '4:95 workflow.postInstall[2].apk',
      '4:104 workflow.postInstall[2].reboot',
    ]);
    const missing = await said(
      [
        'ip: 10.0.0.2',
        NODE1.replace('10.0.0.11', 'x'),
        'workflow: { baseImages: { ubuntu: base.img }, postInstall: [{ apk: [1] }] }',
      ],
      {},
      ['./no-plugin' as unknown as Plugin],
    );
    expect(missing.keys).toContainEqual(expect.stringMatching(/ plugins$/));
    expect(missing.keys.filter((key) => key.includes('postInstall'))).toEqual([]);
  });

  it.each([
    ['beside a password', '{ password: a, passwordHash: "$6$salt$x" }'],
    ['that is none', '{ passwordHash: hunter22 }'],
  ])('refuses a hash %s', async (_what, user) => {
    const { keys } = await said([
      'ip: 10.0.0.2',
      NODE1,
      `workflow: { baseImages: { ubuntu: base.img }, user: ${user} }`,
    ]);
    expect(keys).toEqual([expect.stringMatching(/workflow\.user\.passwordHash$/)]);
  });

  it('has every step told that is for a node which takes no commands, and nothing of the others', async () => {
    const { error, keys } = await said([
      'ip: 10.0.0.2',
      'node1: { ip: 10.0.0.11, board: rk1, os: ubuntu }',
      'node2: { ip: 10.0.0.12, board: rk1, os: mute }',
      'workflow:',
      '  baseImages: { ubuntu: base.img, mute: base.img }',
      '  nodes:',
      '    node1: { postInstall: [run: uptime] }',
      '    node2:',
      '      postInstall:',
      '        - run: uptime',
      '        - reboot: true',
    ]);
    expect(keys).toEqual([
      '11:11 workflow.nodes.node2.postInstall[0]',
      '12:11 workflow.nodes.node2.postInstall[1]',
    ]);
    const { issues } = error['details'] as { issues: { code?: string; hint?: string }[] };
    expect(issues.map(({ code }) => code)).toEqual(['COMMANDS_IMPOSSIBLE', 'COMMANDS_IMPOSSIBLE']);
    expect(error['hint']).toMatch(/Leave the steps out/u);
  });
});
