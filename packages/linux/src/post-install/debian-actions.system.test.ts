import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { PostInstallAction } from '@turingpi/provisioning';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { treeOf } from '../../../provisioning/src/action/host-node.fixture.js';
import { Secret } from '@turingpi/foundation';
import { parsePublicKey } from '@turingpi/runtime';
import { hashPassword } from '../account/password-hash.js';
import { PasswordAction } from '../account/password-action.js';
import { AuthorizedKeysAction } from '../account/authorized-keys-action.js';
import { GroupAction } from '../account/group-action.js';
import { SudoersAction } from '../account/sudoers-action.js';
import { UserAction } from '../account/user-action.js';
import { FactsAction } from '../facts/facts-action.js';
import type { NodeFacts } from '../facts/node-facts.js';
import { HostnameAction } from '../hostname/hostname-action.js';
import { SysctlAction } from '../kernel/sysctl-action.js';
import { LocaleAction } from '../locale/locale-action.js';
import { TimezoneAction } from '../locale/timezone-action.js';
import { FormatAction } from '../storage/format-action.js';
import { MountAction } from '../storage/mount-action.js';
import { ServiceAction } from '../systemd/service-action.js';
import { UnitAction } from '../systemd/unit-action.js';
import { AptAction } from './apt-action.js';
import { AptRemoveAction } from './apt-remove-action.js';
import { AptRepositoryAction } from './apt-repository-action.js';
import { AptUpgradeAction } from './apt-upgrade-action.js';
import { addPackage, DebianNode } from './debian-node.fixture.js';

const run = promisify(execFile);
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN3TpK1nOn3NjPUEPTlR4kOMaQbE9TFHmsRXBb8xaPGZ ops@example';
const UNIT = '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n';

if (DebianNode.missing.length > 0 && process.env['CI'] === 'true')
  throw new Error(`missing: ${DebianNode.missing.join(', ')}`);

describe.skipIf(DebianNode.missing.length > 0)(`actions on a real Debian (${DebianNode.needs})`, () => {
  let node: DebianNode;
  let local: string;
  beforeAll(async () => {
    node = await DebianNode.make();
    local = await mkdtemp(path.join(tmpdir(), 'turingpi-local-'));
    await node.says('truncate', '-s', '64M', '/disk');
  }, 300_000);
  afterAll(async () => {
    await node[Symbol.asyncDispose]();
    await rm(local, { recursive: true, force: true });
  });

  const perform = (action: PostInstallAction, step: object) => node.perform(action, step, local);
  const etc = () => treeOf(path.join(node.directory, 'root/etc'));
  const file = (name: string) => readFile(path.join(node.directory, 'root', name), 'utf8');

  /** Each of them on the node that the ones before have left. */
  it.each<[string, PostInstallAction, object, (() => Promise<void>)?]>([
    ['group', new GroupAction(), { group: { name: 'app', gid: 4242 } }],
    [
      'user',
      new UserAction(),
      { user: { name: 'ada', uid: 4242, groups: ['app', 'sudo'], shell: '/bin/bash' } },
      async () => {
        expect(await node.says('id', '-nG', 'ada')).toMatch(/app.*sudo|sudo.*app/);
        expect(await node.says('stat', '-c', '%U %a', '/home/ada')).toMatch(/^ada 7/);
      },
    ],
    [
      'user',
      new UserAction(),
      { user: { name: 'ada', groups: ['users'], shell: '/bin/sh' } },
      async () => {
        expect(await node.says('getent', 'passwd', 'ada')).toContain('/bin/sh');
        expect(await node.says('id', '-nG', 'ada')).toMatch(/sudo/); // those that were there stay
      },
    ],
    [
      'authorizedKeys',
      new AuthorizedKeysAction(),
      { authorizedKeys: { user: 'ada', keys: [KEY] } },
      async () => {
        expect(await file('home/ada/.ssh/authorized_keys')).toBe(`${KEY}\n`);
        expect(
          await node.says('stat', '-c', '%U %a', '/home/ada/.ssh', '/home/ada/.ssh/authorized_keys'),
        ).toBe('ada 700\nada 600\n');
      },
    ],
    [
      'authorizedKeys',
      new AuthorizedKeysAction(),
      { authorizedKeys: { user: 'ada', keys: [], exclusive: true } },
    ],
    [
      'sudoers',
      new SudoersAction(),
      { sudoers: { name: 'ada', content: 'ada ALL=(root) NOPASSWD: /usr/bin/id' } },
      async () => expect(await node.says('sudo', '-l', '-U', 'ada')).toContain('NOPASSWD: /usr/bin/id'),
    ],
    ['sudoers', new SudoersAction(), { sudoers: { name: 'ada' } }],
    [
      'hostname',
      new HostnameAction(),
      { hostname: 'other.lan' },
      async () => {
        expect(await node.says('hostname')).toBe('other.lan\n');
        expect(await node.says('getent', 'hosts', 'other')).toContain('127.0.1.1');
      },
    ],
    [
      'timezone',
      new TimezoneAction(),
      { timezone: 'Asia/Kolkata' },
      async () => expect(await node.says('date', '+%Z')).toBe('IST\n'),
    ],
    [
      'locale',
      new LocaleAction(),
      { locale: 'de_DE.UTF-8' },
      async () => {
        expect(await file('etc/default/locale')).toContain('LANG=de_DE.UTF-8');
        expect(await node.says('locale', '-a')).toContain('de_DE.utf8');
      },
    ],
    ['locale', new LocaleAction(), { locale: 'C.UTF-8' }],
    [
      'sysctl',
      new SysctlAction(),
      { sysctl: { 'net.ipv4.ip_forward': 1, 'net.ipv4.ip_local_port_range': '20000 30000' } },
      async () => expect(await node.says('sysctl', '-n', 'net.ipv4.ip_forward')).toBe('1\n'),
    ],
    [
      'format',
      new FormatAction(),
      { format: { device: '/disk', type: 'ext4', label: 'data' } },
      async () =>
        expect(await node.says('blkid', '-o', 'value', '-s', 'LABEL', '-p', '/disk')).toBe('data\n'),
    ],
    [
      'mount',
      new MountAction(),
      { mount: { path: '/data', device: 'tmpfs', type: 'tmpfs', options: 'size=1m' } },
      async () => {
        expect(await node.says('findmnt', '-n', '-o', 'FSTYPE', '/data')).toBe('tmpfs\n');
        expect(await file('etc/fstab')).toContain('tmpfs /data tmpfs size=1m 0 2');
      },
    ],
    ['mount', new MountAction(), { mount: { path: '/data' } }],
    [
      'unit',
      new UnitAction(),
      { unit: { name: 'app.service', content: UNIT, enabled: true } },
      async () => expect(await node.says('systemctl', 'is-enabled', 'app')).toBe('enabled\n'),
    ],
    ['service', new ServiceAction(), { service: { name: 'apt-daily.timer', enabled: false } }],
    ['service', new ServiceAction(), { service: { name: 'apt-daily.timer', masked: true } }],
    ['service', new ServiceAction(), { service: { name: 'apt-daily.timer', enabled: true } }],
    ['user', new UserAction(), { user: { name: 'ada', absent: true, removeHome: true } }],
    ['group', new GroupAction(), { group: { name: 'app', absent: true } }],
  ])(
    '%s looks first: it changes what is not so, and nothing the second time',
    async (_id, action, step, holds) => {
      expect(await perform(action, step)).toMatchObject({ changed: true });
      await holds?.();
      const after = await etc();
      expect(await perform(action, step)).toEqual({ changed: false });
      expect(await etc()).toEqual(after);
    },
  );

  it('apt adds a repository, installs, upgrades with the settings kept, and removes', async () => {
    const repository = path.join(node.directory, 'root/repository');
    await signed(repository, local);
    const source = {
      aptRepository: { name: 'sample', keyFile: 'key.asc', uris: ['file:/repository'], suites: ['./'] },
    };
    expect(await perform(new AptRepositoryAction(), source)).toMatchObject({ changed: true });
    expect(await perform(new AptRepositoryAction(), source)).toEqual({ changed: false });
    const install = { apt: ['hello-one', 'hello-two'] };
    expect(await perform(new AptAction(), install)).toEqual({
      changed: true,
      diff: '+ hello-one\n+ hello-two',
    });
    expect(await perform(new AptAction(), install)).toEqual({ changed: false });
    await writeFile(path.join(node.directory, 'root/etc/hello-one/settings'), 'mine\n');
    await addPackage(repository, 'hello-one', '2.0');
    await signed(repository, local);
    expect(await perform(new AptUpgradeAction(), { aptUpgrade: 'safe' })).toMatchObject({
      changed: true,
      diff: expect.stringContaining('+ hello-one') as string,
    });
    expect(await node.says('dpkg-query', '-W', '-f', '${Version}', 'hello-one')).toBe('2.0');
    expect(await file('etc/hello-one/settings')).toBe('mine\n');
    expect(await perform(new AptUpgradeAction(), { aptUpgrade: 'full' })).toEqual({ changed: false });
    expect(await perform(new AptAction(), { apt: ['hello-one=2.0'] })).toEqual({ changed: false });
    const remove = { aptRemove: ['hello-one', 'never-there'] };
    expect(await perform(new AptRemoveAction(), remove)).toMatchObject({ changed: true });
    expect(await perform(new AptRemoveAction(), remove)).toEqual({ changed: false });
    const purge = { aptRemove: ['hello-one'], purge: true };
    expect(await perform(new AptRemoveAction(), purge)).toMatchObject({ changed: true });
    expect(await perform(new AptRemoveAction(), purge)).toEqual({ changed: false });
  });

  it('a repository that its key has not signed is refused by apt', async () => {
    const other = path.join(node.directory, 'root/other');
    await cp(path.join(node.directory, 'root/repository'), other, { recursive: true });
    const keys = await mkdtemp(path.join(tmpdir(), 'turingpi-key-'));
    await signed(other, keys);
    await rm(keys, { recursive: true });
    const step = {
      aptRepository: { name: 'other', keyFile: 'key.asc', uris: ['file:/other'], suites: ['./'] },
    };
    await expect(perform(new AptRepositoryAction(), step)).rejects.toMatchObject({ code: 'COMMAND_FAILED' });
  });

  it.each([
    ['format', 'DISK_NOT_EMPTY', new FormatAction(), { format: { device: '/disk', type: 'xfs' } }],
    ['format', 'DISK_UNREADABLE', new FormatAction(), { format: { device: '/none', type: 'ext4' } }],
    ['service', 'UNIT_NOT_FOUND', new ServiceAction(), { service: 'none' }],
    ['sudoers', 'SUDOERS_INVALID', new SudoersAction(), { sudoers: { name: 'bad', content: 'ada ALL=(' } }],
    ['sysctl', 'SYSCTL_UNKNOWN', new SysctlAction(), { sysctl: { 'net.none.such': 1 } }],
    ['timezone', 'TIMEZONE_INVALID', new TimezoneAction(), { timezone: 'SystemV/PST8PDT' }],
    ['locale', 'LOCALE_INVALID', new LocaleAction(), { locale: 'xx_XX.UTF-8' }],
    [
      'authorizedKeys',
      'USER_NOT_FOUND',
      new AuthorizedKeysAction(),
      { authorizedKeys: { user: 'none', keys: [KEY] } },
    ],
    ['mount', 'MOUNT_TAKEN', new MountAction(), { mount: { path: '/run', device: 'LABEL=none' } }],
  ] as const)('%s refuses with %s', async (_id, code, action, step) => {
    await expect(perform(action, step)).rejects.toMatchObject({ code });
  });

  it('keys are not written through a link of the user', async () => {
    await node.says('useradd', '--create-home', 'eve');
    await node.says('ln', '-s', '/etc', '/home/eve/.ssh');
    const step = { authorizedKeys: { user: 'eve', keys: [KEY] } };
    await expect(perform(new AuthorizedKeysAction(), step)).rejects.toMatchObject({ code: 'HOME_UNSAFE' });
  });

  it('a password is set once, and is the one that was given', async () => {
    await node.says('useradd', 'bob');
    const action = new PasswordAction();
    const input = { user: 'bob', password: new Secret('correct-horse'), salt: 'saltsalt' };
    const set = () => action.perform(input, node.environment());
    expect(await set()).toEqual({ changed: true });
    expect(await file('etc/shadow')).toContain(`bob:${hashPassword(input.password, input.salt)}:`);
    const after = await etc();
    expect(await set()).toEqual({ changed: false });
    expect(await etc()).toEqual(after);
    expect(node.commands.join('\n')).not.toContain('correct-horse');
    const unknown = { ...input, user: 'none' };
    await expect(action.perform(unknown, node.environment())).rejects.toMatchObject({
      code: 'USER_NOT_FOUND',
    });
  });

  it('a key is taken away by its fingerprint, and nothing else is', async () => {
    const { fingerprint } = parsePublicKey(KEY);
    const own =
      '# mine\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIEFjBAsTSVoW3wcBFxZ0sPg1wOEOEnVCBEKiM0YRKwR own\n';
    await node.says('useradd', '--create-home', 'kim');
    await node.says('install', '-d', '-m', '700', '-o', 'kim', '-g', 'kim', '/home/kim/.ssh');
    const keys = path.join(node.directory, 'root/home/kim/.ssh/authorized_keys');
    await writeFile(keys, `${own}from="10.0.0.1" ${KEY}\n`);
    const step = { authorizedKeys: { user: 'kim', keys: [], absent: [fingerprint] } };
    expect(await perform(new AuthorizedKeysAction(), step)).toMatchObject({ changed: true });
    expect(await readFile(keys, 'utf8')).toBe(own);
    expect(await perform(new AuthorizedKeysAction(), step)).toEqual({ changed: false });
  });

  it('facts are those of the system', async () => {
    const facts = (await new FactsAction().perform({}, node.environment())) as unknown as NodeFacts;
    expect(facts).toMatchObject({
      os: { id: 'debian', version: '12' },
      kernel: (await node.says('uname', '-r')).trim(),
      cpuCount: Number(await node.says('getconf', '_NPROCESSORS_ONLN')),
      interfaces: [],
    });
    expect(facts.memoryBytes).toBeGreaterThan(1 << 28);
  });

  /** Signs the repository with a key of its own, which is made where there is none. */
  async function signed(repository: string, keys: string): Promise<void> {
    const gpg = (...words: string[]) => run('gpg', ['--homedir', keys, '--batch', '--yes', ...words]);
    if (!(await readFile(path.join(keys, 'key.asc')).catch(() => undefined))) {
      await gpg('--passphrase', '', '--quick-generate-key', 'sample@example.org', 'ed25519', 'sign', 'never');
      await writeFile(path.join(keys, 'key.asc'), (await gpg('--armor', '--export')).stdout);
    }
    const packages = await readFile(path.join(repository, 'Packages'));
    const { stdout } = await run('sha256sum', [path.join(repository, 'Packages')]);
    const release = `Date: ${new Date().toUTCString()}\nSuite: sample\nSHA256:\n ${stdout.split(' ')[0] ?? ''} ${packages.length} Packages\n`;
    await writeFile(path.join(repository, 'Release'), release);
    await gpg('--clearsign', '-o', path.join(repository, 'InRelease'), path.join(repository, 'Release'));
  }
});
