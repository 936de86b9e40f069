import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@turingpi/foundation';
import { type ImageFiles, openRawDisk, PartitionFiles, readPartitionTable } from '@turingpi/image';
import {
  changeExpiredPassword,
  connectSsh,
  generateKeyPair,
  rebootNode,
  type SshKeyPair,
  type SshTarget,
  waitForSsh,
} from '@turingpi/runtime';
import { encrypt } from 'unixcrypt';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type BaseImageName, baseImagePath } from './base-image/base-image-path.js';
import { createShellMachine, type ShellMachine } from './shell-machine.js';

const signal = new AbortController().signal;
const quick = { signal, intervalMs: 20, timeoutMs: 20_000, refusalGraceMs: 5_000 };
const patient = { timeout: 20_000 };
const rawImages = new Map<BaseImageName, Buffer>();
const cleanup: (() => Promise<void>)[] = [];
let userKey: SshKeyPair;
let hostKey: SshKeyPair;

beforeAll(async () => {
  for (const name of ['rk1-ubuntu.img.xz', 'rpi-debian.img.xz'] as const)
    rawImages.set(name, execFileSync('xz', ['-dc', baseImagePath(name)], { maxBuffer: 1 << 30 }));
  userKey = await generateKeyPair('ed25519');
  hostKey = await generateKeyPair('ed25519');
});

afterEach(async () => {
  for (const step of cleanup.splice(0).reverse()) await step();
});

interface Flashed {
  readonly machine: ShellMachine;
  readonly emmc: string;
  readonly console: () => string;
  readonly digest: () => Promise<string>;
  target(username: string, auth?: SshTarget['auth']): SshTarget;
}

/** A node whose eMMC holds a base image after some edits. */
async function flashed(
  name: BaseImageName,
  edit: (root: ImageFiles, partition: (label: string) => Promise<ImageFiles>) => Promise<void>,
): Promise<Flashed> {
  const dir = await mkdtemp(join(tmpdir(), 'turingpi-machine-'));
  cleanup.push(() => rm(dir, { recursive: true, force: true }));
  const emmc = join(dir, 'node1.emmc');
  await writeFile(emmc, rawImages.get(name)!);
  {
    await using disk = await openRawDisk(emmc, { writable: true });
    const files = await PartitionFiles.of(disk, await readPartitionTable(disk));
    await edit(await files.files('root'), (label) => files.files(label));
    for (const fileSystem of await files.opened()) await fileSystem.flush();
  }
  let text = '';
  const machine = await createShellMachine({
    slot: 1,
    boardType: 'rk1',
    emmcPath: emmc,
    ssh: { host: '127.0.0.1', port: 0 },
    onConsole: (piece) => (text += piece),
    bootDelayMs: 10,
  });
  cleanup.push(() => machine[Symbol.asyncDispose]());
  return {
    machine,
    emmc,
    console: () => text,
    digest: async () =>
      createHash('sha256')
        .update(await readFile(emmc))
        .digest('hex'),
    target: (username, auth = { privateKey: userKey.privateKey }) => ({
      ...machine.ssh,
      username,
      auth,
      hostKeys: [hostKey.publicKey],
    }),
  };
}

const USER_DATA = (extra: string): string => `#cloud-config
hostname: node-one
ssh_deletekeys: false
ssh_genkeytypes: [ed25519]
ssh_pwauth: true
users:
  - name: admin
    groups: [adm, sudo]
    shell: /bin/bash
    sudo: ALL=(ALL) NOPASSWD:ALL
    lock_passwd: false
    hashed_passwd: ${encrypt('first-password')}
    ssh_authorized_keys: ['${userKey.publicKey}']
${extra}`;

async function ubuntu(extra = ''): Promise<Flashed> {
  return flashed('rk1-ubuntu.img.xz', async (root, partition) => {
    const seed = await partition('CIDATA');
    await seed.writeFile('/user-data', USER_DATA(extra));
    await seed.writeFile('/meta-data', 'instance-id: test-1\nlocal-hostname: node-one\n');
    await root.writeFile('/etc/ssh/ssh_host_ed25519_key', hostKey.privateKey.reveal(), { mode: 0o600 });
    await root.writeFile('/etc/ssh/ssh_host_ed25519_key.pub', `${hostKey.publicKey}\n`);
    await root.writeFile(
      '/etc/netplan/10-turingpi.yaml',
      'network:\n  ethernets:\n    lan:\n      addresses: [192.168.1.100/24]\n',
    );
  });
}

describe('ShellMachine', () => {
  it('boots from a seed: our host key, host name, user and address, and the eMMC as it was flashed', async () => {
    const node = await ubuntu();
    const before = await node.digest();
    await node.machine.powerOn();
    {
      await using session = await waitForSsh(node.target('admin'), quick);
      expect((await session.exec('whoami && hostname && id -Gn')).stdout).toBe(
        'admin\nnode-one\nadmin adm sudo\n',
      );
      expect((await session.exec(['cloud-init', 'status', '--wait'])).stdout).toBe('status: done\n');
      expect(node.machine.configuredAddresses.map(({ address }) => address)).toEqual(['192.168.1.100/24']);
      expect((await session.exec(['cat', '/etc/shadow'], { allowFailure: true })).exitCode).toBe(1);
    }
    expect(node.console()).toMatch(
      /simulated boot[\s\S]*cloud-init: Cloud-init v. simulated finished[\s\S]*node-one login: /,
    );
    expect(await node.digest()).toBe(before);
    await node.machine.powerOff();
    expect(await node.digest()).toBe(before);
  });

  it('keeps what users write, in a filesystem that stays clean', async () => {
    const node = await ubuntu();
    await node.machine.powerOn();
    {
      await using session = await waitForSsh(node.target('admin'), quick);
      await session.writeFile('/home/admin/notes/one.txt', 'from sftp', { mode: 0o600 });
      await session.writeFile('/usr/local/bin/hello', '#!/bin/sh\necho "hello $1 from $(hostname)"\n', {
        sudo: true,
        mode: 0o755,
      });
      expect((await session.exec(['hello', 'you'])).stdout).toBe('hello you from node-one\n');
      await session.exec('apt-get update && apt-get install -y htop', { sudo: true });
      expect((await session.exec(['dpkg', '-s', 'htop'])).stdout).toContain('install ok installed');
      await session.writeFile(
        '/etc/systemd/system/hello.service',
        '[Unit]\nDescription=Hello\n[Service]\nType=oneshot\nExecStart=/usr/local/bin/hello boot\n[Install]\nWantedBy=multi-user.target\n',
        { sudo: true },
      );
      await session.exec(['systemctl', 'enable', 'hello'], { sudo: true });
      expect((await session.readFile('/home/admin/notes/one.txt')).toString()).toBe('from sftp');
      await expect(session.readFile('/etc/shadow')).rejects.toMatchObject({ code: 'SSH_FILE_DENIED' });
      await expect(session.exec(['no-such-thing'])).rejects.toMatchObject({ code: 'COMMAND_NOT_FOUND' });
    }
    await node.machine.powerOff();
    await node.machine.powerOn();
    {
      await using session = await waitForSsh(node.target('admin'), quick);
      expect((await session.exec(['ls', '-l', '/home/admin/notes'])).stdout).toContain(
        '-rw------- 1 admin admin 9',
      );
      expect((await session.exec(['systemctl', 'is-enabled', 'hello'])).stdout).toBe('enabled\n');
      expect(node.console()).toContain('hello boot from node-one');
    }
    await node.machine.powerOff();
    await using disk = await openRawDisk(node.emmc);
    const root = (await readPartitionTable(disk)).partitions.at(-1)!;
    const copy = `${node.emmc}.root`;
    execFileSync('dd', [
      `if=${node.emmc}`,
      `of=${copy}`,
      'bs=1M',
      'iflag=skip_bytes,count_bytes',
      `skip=${root.offsetBytes}`,
      `count=${root.sizeBytes}`,
      'status=none',
    ]);
    if (existsSync('/usr/sbin/e2fsck')) execFileSync('/usr/sbin/e2fsck', ['-fn', copy], { stdio: 'pipe' });
  });

  it('ends a command that takes too long or is aborted', async () => {
    const node = await ubuntu();
    await node.machine.powerOn();
    await using session = await waitForSsh(node.target('admin'), quick);
    for (const sudo of [false, true]) {
      const late = session.exec('sleep 60; echo late > /tmp/late', { sudo, timeoutMs: 200 });
      await expect(late).rejects.toMatchObject({ code: 'COMMAND_TIMEOUT' });
      const stop = new AbortController();
      const aborted = session.exec('echo going; while true; do sleep 0.01; done', {
        sudo,
        signal: stop.signal,
        onOutput: () => stop.abort(new Error('enough')),
      });
      await expect(aborted).rejects.toThrow('enough');
    }
    expect((await session.exec(['ls', '/tmp'])).stdout).not.toContain('late');
  });

  it('restarts when told to, with another boot id and the same keys', async () => {
    const node = await ubuntu();
    await node.machine.powerOn();
    const target = node.target('admin');
    const session = await waitForSsh(target, quick);
    const bootId = (await session.exec(['cat', '/proc/sys/kernel/random/boot_id'])).stdout;
    await using again = await rebootNode(session, target, quick);
    expect((await again.exec(['cat', '/proc/sys/kernel/random/boot_id'])).stdout).not.toBe(bootId);
    expect(node.console()).toContain('reboot: Restarting system');
  });

  it('refuses while it is off, wrong keys, wrong passwords, and the unknown', async () => {
    const node = await ubuntu();
    const once = { ...quick, timeoutMs: 200, refusalGraceMs: 50 };
    await expect(waitForSsh(node.target('admin'), once)).rejects.toMatchObject({ code: 'SSH_UNREACHABLE' });
    await node.machine.powerOn();
    const other = await generateKeyPair();
    await (await waitForSsh(node.target('admin'), quick))[Symbol.asyncDispose]();
    for (const target of [
      node.target('admin', { privateKey: other.privateKey }),
      node.target('admin', { password: new Secret('wrong') }),
      node.target('nobody-here'),
      node.target('root'),
    ])
      await expect(connectSsh(target, { signal })).rejects.toMatchObject({ code: 'SSH_AUTH_REFUSED' });
    await expect(
      connectSsh({ ...node.target('admin'), hostKeys: [other.publicKey] }, { signal }),
    ).rejects.toMatchObject({
      code: 'SSH_HOST_KEY_MISMATCH',
    });
    await using session = await connectSsh(node.target('admin', { password: new Secret('first-password') }), {
      signal,
    });
    await node.machine.powerOff();
    await expect(session.exec('true')).rejects.toMatchObject({ code: 'SSH_CONNECTION_LOST' });
  });

  it('as shipped demands another password first, regenerates host keys, and keeps the change', async () => {
    const node = await flashed('rk1-ubuntu.img.xz', async () => undefined);
    await node.machine.powerOn();
    const anyKey = { hostKeys: () => true };
    const shipped = { ...node.target('ubuntu', { password: new Secret('ubuntu') }), ...anyKey };
    await expect(waitForSsh(shipped, quick)).rejects.toMatchObject({ code: 'SSH_PASSWORD_EXPIRED' });
    await changeExpiredPassword(shipped, { signal, newPassword: new Secret('another-one') });
    await using session = await connectSsh(
      { ...node.target('ubuntu', { password: new Secret('another-one') }), ...anyKey },
      { signal },
    );
    expect((await session.exec('id -un', { sudo: true })).stdout).toBe('root\n');
    await node.machine.powerOff();
    await node.machine.powerOn();
    await using after = await waitForSsh(
      { ...node.target('ubuntu', { password: new Secret('another-one') }), ...anyKey },
      quick,
    );
    expect(after.hostKey).toBe(session.hostKey);
  });

  it('says on its console why it does not boot or answer', async () => {
    const empty = await flashed('rk1-ubuntu.img.xz', async () => undefined);
    await writeFile(empty.emmc, Buffer.alloc(1 << 20));
    await empty.machine.powerOn();
    await expect.poll(empty.console, patient).toContain('No bootable system');
    const pi = await flashed('rpi-debian.img.xz', async () => undefined);
    await pi.machine.powerOn();
    await expect.poll(pi.console, patient).toContain('sshd is not enabled');
  });

  it('logs in on the serial console', async () => {
    const node = await ubuntu();
    await node.machine.powerOn();
    await expect.poll(node.console, patient).toContain('login: ');
    node.machine.sendConsole('admin\r\n');
    await expect.poll(node.console, patient).toMatch(/Password: $/);
    node.machine.sendConsole('first-password\r\n');
    await expect.poll(node.console, patient).toMatch(/admin@node-one:~\$ $/);
    node.machine.sendConsole('echo $((6 * 7))\r\n');
    await expect.poll(node.console, patient).toMatch(/\r\n42\r\n/);
  });
});
