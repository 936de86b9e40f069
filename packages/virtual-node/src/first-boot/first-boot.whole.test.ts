import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type BaseImageName, baseImagePath } from '../base-image/base-image-path.js';
import { sudoRight } from '../command/sudo.js';
import { FlashedDisk } from '../disk/flashed-disk.js';
import { Accounts } from '../system/accounts.js';
import { configuredAddresses } from '../system/configured-addresses.js';
import { readSshServerSettings, startsSshServer } from '../system/ssh-server-settings.js';
import { type CloudInitOutcome, runCloudInit } from './cloud-init.js';
import { runRaspberryPiFirstBoot } from './raspberry-pi-os.js';

const raw = new Map<BaseImageName, Buffer>();
let dir: string;
let disk: FlashedDisk;

async function flash(name: BaseImageName): Promise<void> {
  const emmc = join(dir, 'emmc');
  await writeFile(emmc, raw.get(name)!);
  disk = await FlashedDisk.open(emmc);
}

beforeAll(() => {
  for (const name of ['rk1-ubuntu.img.xz', 'rpi-debian.img.xz'] as const)
    raw.set(name, execFileSync('xz', ['-dc', baseImagePath(name)], { maxBuffer: 1 << 30 }));
});

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'turingpi-first-boot-'));
});

afterEach(async () => {
  await disk[Symbol.asyncDispose]();
  await rm(dir, { recursive: true, force: true });
});

const text = async (path: string): Promise<string | undefined> => disk.root.readText(path);
const boot = (): Promise<CloudInitOutcome> => runCloudInit(disk.root, disk.bootPartitions);

async function seed(userData: string, metaData = 'instance-id: one\n'): Promise<void> {
  const files = disk.bootPartitions[0]!.files;
  await files.writeFile('/user-data', `#cloud-config\n${userData}`);
  await files.writeFile('/meta-data', metaData);
}

describe('runCloudInit', () => {
  beforeEach(() => flash('rk1-ubuntu.img.xz'));

  it('makes the shipped default user with an expired password, and keys of its own', async () => {
    expect(await boot()).toMatchObject({ status: 'done' });
    const accounts = new Accounts(disk.root);
    const ubuntu = await accounts.find('ubuntu');
    expect(ubuntu).toMatchObject({ uid: 1000, home: '/home/ubuntu', mustChangePassword: true });
    expect(accounts.passwordFits(ubuntu!, 'ubuntu')).toBe(true);
    expect(accounts.passwordFits(ubuntu!, 'other')).toBe(false);
    expect(await text('/etc/ssh/ssh_host_ed25519_key')).toContain('OPENSSH PRIVATE KEY');
    // The seed's network settings take effect, because nothing in the system says otherwise.
    expect(await text('/etc/netplan/50-cloud-init.yaml')).toMatch(/^network:\n {2}version: 2/);
  });

  it('replaces host keys that were put there, unless it is told not to', async () => {
    await disk.root.writeFile('/etc/ssh/ssh_host_ed25519_key', 'ours');
    await seed('ssh_genkeytypes: [ed25519]\n');
    await boot();
    expect(await text('/etc/ssh/ssh_host_ed25519_key')).not.toBe('ours');
    await disk.root.writeFile('/etc/ssh/ssh_host_ed25519_key', 'ours');
    await seed('ssh_deletekeys: false\nssh_genkeytypes: []\n', 'instance-id: two\n');
    await boot();
    expect(await text('/etc/ssh/ssh_host_ed25519_key')).toBe('ours');
  });

  it('leaves a machine alone that it has seen before, and sets up a new instance', async () => {
    await seed('hostname: first\n');
    await boot();
    await seed('hostname: second\n');
    expect((await boot()).detail).toContain('known already');
    expect(await text('/etc/hostname')).toBe('first\n');
    await seed('hostname: second\n', 'instance-id: another\n');
    await boot();
    expect(await text('/etc/hostname')).toBe('second\n');
  });

  it('prefers the partition, but of meta-data what the directory says first', async () => {
    const directory = '/var/lib/cloud/seed/nocloud';
    await disk.root.writeFile(`${directory}/user-data`, '#cloud-config\nhostname: directory\n');
    await disk.root.writeFile(`${directory}/meta-data`, 'instance-id: stale\n');
    await seed('hostname: partition\n', 'instance-id: fresh\n');
    expect((await boot()).detail).toContain('instance stale');
    expect(await text('/etc/hostname')).toBe('partition\n');
  });

  it('obeys the switches: disabled, no network, broken YAML', async () => {
    await disk.root.writeFile('/etc/cloud/cloud.cfg.d/99-off.cfg', 'network: {config: disabled}\n');
    await boot();
    expect(await text('/etc/netplan/50-cloud-init.yaml')).toBeUndefined();
    await seed('hostname: [unclosed\n', 'instance-id: three\n');
    expect((await boot()).status).toBe('error');
    await disk.root.writeFile('/etc/cloud/cloud-init.disabled', '');
    expect((await boot()).status).toBe('disabled');
  });

  it('locks, authorises, and hands packages and commands to the shell', async () => {
    await seed(
      'users:\n  - name: ops\n    groups: [video, wheelers]\n    sudo: "ALL=(ALL) NOPASSWD:ALL"\n    ssh_authorized_keys: [ssh-ed25519 AAAA me]\n' +
        'chpasswd: {expire: false, users: [{name: ops, password: secret-1, type: text}]}\npackages: [htop]\nruncmd: [[touch, /x], echo hi]\n' +
        'write_files: [{path: /etc/motd, content: aGk=, encoding: b64, permissions: "0600"}]\n',
    );
    const { commands } = await boot();
    expect(commands).toEqual([['apt-get', 'install', '--yes', 'htop'], ['touch', '/x'], 'echo hi']);
    const accounts = new Accounts(disk.root);
    const ops = await accounts.find('ops');
    expect(ops).toMatchObject({ mustChangePassword: false });
    expect(accounts.passwordFits(ops!, 'secret-1')).toBe(true);
    expect(await text('/home/ops/.ssh/authorized_keys')).toBe('ssh-ed25519 AAAA me\n');
    expect(await disk.root.stat('/home/ops/.ssh/authorized_keys')).toMatchObject({
      mode: 0o600,
      uid: ops!.uid,
    });
    expect(await sudoRight(disk.root, ops!, [])).toBe('without-password');
    expect(await text('/etc/motd')).toBe('hi');
    expect((await disk.root.stat('/etc/motd')).mode).toBe(0o600);
  });
});

describe('the system that was flashed', () => {
  it('regenerates a Raspberry Pi’s host keys, unless the image was told to keep them', async () => {
    await flash('rpi-debian.img.xz');
    const files = disk.bootPartitions[0]!.files;
    await disk.root.writeFile('/etc/ssh/ssh_host_ed25519_key', 'ours');
    await disk.root.writeFile(
      '/usr/lib/raspberrypi-sys-mods/regenerate_ssh_host_keys',
      '#!/bin/sh\nexit 0\n',
    );
    await runRaspberryPiFirstBoot(disk.root, files);
    expect(await text('/etc/ssh/ssh_host_ed25519_key')).toBe('ours');
    await disk.root.writeFile(
      '/usr/lib/raspberrypi-sys-mods/regenerate_ssh_host_keys',
      '#!/bin/sh\nssh-keygen -A\n',
    );
    expect((await runRaspberryPiFirstBoot(disk.root, files)).startsSsh).toBe(false);
    expect(await text('/etc/ssh/ssh_host_ed25519_key')).toContain('PRIVATE KEY');
    expect(await startsSshServer(disk.root)).toBe(false);
    await files.writeFile('/ssh', '');
    expect((await runRaspberryPiFirstBoot(disk.root, files)).startsSsh).toBe(true);
  });

  it('tells addresses and SSH settings as its own programs read them', async () => {
    await flash('rk1-ubuntu.img.xz');
    const { root } = disk;
    await root.writeFile(
      '/etc/netplan/10-a.yaml',
      'network: {ethernets: {x: {addresses: [10.0.0.1/24, fd00::1/64]}}}\n',
    );
    await root.writeFile(
      '/etc/NetworkManager/system-connections/n.nmconnection',
      '[ipv4]\naddress1=10.0.0.2/24,10.0.0.254\n',
    );
    await root.writeFile('/etc/systemd/network/10-e.network', '[Network]\nAddress=10.0.0.3/24\n');
    await root.writeFile(
      '/etc/network/interfaces',
      'auto eth0\niface eth0 inet static\n  address 10.0.0.4\n  netmask 255.255.255.0\niface eth1 inet dhcp\n  address 9.9.9.9\n',
    );
    const addresses = (await configuredAddresses(root)).map(({ address }) => address);
    expect(addresses).toEqual(['10.0.0.1/24', 'fd00::1/64', '10.0.0.2/24', '10.0.0.3/24', '10.0.0.4/24']);

    await root.writeFile(
      '/etc/ssh/sshd_config',
      'Include /etc/ssh/sshd_config.d/*.conf\nPasswordAuthentication yes\nAllowUsers a b\nMatch User x\nPermitRootLogin yes\n',
    );
    await root.writeFile('/etc/ssh/sshd_config.d/20-b.conf', 'PasswordAuthentication yes\n');
    await root.writeFile('/etc/ssh/sshd_config.d/10-a.conf', 'passwordauthentication no\n');
    expect(await readSshServerSettings(root)).toEqual({
      passwordAuthentication: false,
      publicKeyAuthentication: true,
      permitRootLogin: 'prohibit-password',
      allowUsers: ['a', 'b'],
    });
  });
});
