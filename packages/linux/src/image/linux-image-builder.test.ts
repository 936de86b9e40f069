import { readFile, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Node1, type CustomizedImage } from '@turingpi/core';
import type { Context } from '@turingpi/core/plugin';
import { BackendImageEngine, type ImageSession } from '@turingpi/image';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { toolboxOf } from '../profile/linux-toolbox.js';
import { RK1_UBUNTU, RPI_DEBIAN, TestCluster } from '../testing/test-cluster.js';
import { LinuxImageBuilder } from './linux-image-builder.js';

const PASSWORD = 'Correct-Horse-7';
let test: TestCluster;
beforeEach(async () => {
  test = await TestCluster.create();
});
afterEach(() => test[Symbol.asyncDispose]());

type Configure = (builder: LinuxImageBuilder) => LinuxImageBuilder;

async function build(configure: Configure, os = 'ubuntu'): Promise<CustomizedImage> {
  const cluster = await test.open();
  let image: CustomizedImage | undefined;
  await cluster.run(async (context: Context) => {
    image = await configure(new LinuxImageBuilder(toolboxOf(os))).run(context);
  })(Node1);
  return image!;
}

async function withImage<T>(path: string, look: (session: ImageSession) => Promise<T>): Promise<T> {
  const { signal } = new AbortController();
  await using session = await new BackendImageEngine().open(path, { signal, cacheDir: test.cacheDir });
  return await look(session);
}

const simple: Configure = (builder) =>
  builder.withBaseImage(RK1_UBUNTU).withCredentials({ password: PASSWORD });

describe('LinuxImageBuilder', () => {
  it('fails before anything is touched when no base image was given', async () => {
    await expect(build((builder) => builder)).rejects.toMatchObject({
      code: 'PHASE_INPUT_MISSING',
      message: expect.stringContaining('withBaseImage was not called') as string,
    });
    expect((await readdir(test.cacheDir)).filter((name) => name.endsWith('.xz'))).toEqual([]);
  });

  it('makes an image of its node: network, host keys, user, seed, pre-install files', async () => {
    const image = await build((builder) =>
      simple(builder).withPreInstall(async (files) => {
        await files.writeFile('/etc/my_app/config', 'data', { mode: 0o640 });
        await files.appendFile('/etc/hosts', '192.168.1.50 registry\n');
      }),
    );
    expect(image).toMatchObject({
      path: join(test.cacheDir, 'node1.img.xz'),
      format: 'xz',
      os: 'ubuntu',
      hostname: 'node1',
      facts: { username: 'ubuntu', firstBoot: 'cloud-init' },
    });
    expect(image.hostKeys.map((key) => key.split(' ')[0])).toEqual(['ssh-ed25519', 'ecdsa-sha2-nistp256']);
    expect((await stat(image.path)).mode & 0o777).toBe(0o600);
    await withImage(image.path, async (session) => {
      const root = await session.files('root');
      expect(await root.readText('/etc/hostname')).toBe('node1\n');
      expect(await root.readText('/etc/hosts')).toMatch(/127\.0\.1\.1\tnode1[\s\S]*192\.168\.1\.50 registry/);
      expect(await root.stat('/etc/my_app/config')).toMatchObject({ mode: 0o640, size: 4 });
      expect(await root.stat('/etc/netplan/60-turingpi.yaml')).toMatchObject({ mode: 0o600, uid: 0 });
      const netplan = (await root.readText('/etc/netplan/60-turingpi.yaml'))!;
      expect(netplan).not.toContain('gateway4');
      expect(parse(netplan)).toMatchObject({
        network: {
          ethernets: {
            turingpi: { addresses: ['192.168.1.101/24'], routes: [{ to: 'default', via: '192.168.1.1' }] },
          },
        },
      });
      expect(await root.readText('/etc/ssh/ssh_host_ed25519_key.pub')).toBe(`${image.hostKeys[0]!}\n`);
      const cidata = await session.files('CIDATA');
      expect(parse((await cidata.readText('/user-data'))!)).toMatchObject({
        hostname: 'node1',
        chpasswd: { expire: false },
        users: [{ name: 'ubuntu', lock_passwd: false }],
      });
    });
  });

  it('makes a Raspberry Pi OS image with its NetworkManager profile', async () => {
    test = await TestCluster.create('cm4');
    const image = await build(
      (builder) => builder.withBaseImage(RPI_DEBIAN).withCredentials({ username: 'ops', password: PASSWORD }),
      'debian',
    );
    await withImage(image.path, async (session) => {
      const root = await session.files('root');
      expect(await root.stat('/etc/NetworkManager/system-connections/turingpi.nmconnection')).toMatchObject({
        mode: 0o600,
        uid: 0,
      });
      expect(await root.readText('/etc/passwd')).toContain('ops:x:1000:1000:');
      expect(await root.exists('/home/ops/.bashrc')).toBe(true);
      const boot = await session.files('bootfs');
      expect(await boot.readText('/config.txt')).toContain('enable_uart=1');
    });
  });

  it('skips when nothing changed, and says what changed by running', async () => {
    const first = await build(simple);
    expect(test.takePhaseEvents()).toEqual(['started image_customization', 'completed image_customization']);
    expect(await build(simple)).toEqual(first);
    expect(test.takePhaseEvents()).toEqual(['skipped image_customization']);
    await build((builder) =>
      simple(builder).withNetworkConfig({ hostname: 'node1', ipCidr: '192.168.1.102/24' }),
    );
    await build((builder) => simple(builder).withCredentials({ password: 'another one' }));
    await build((builder) => simple(builder).withPreInstall((files) => files.writeFile('/etc/x', '1')));
    expect(test.takePhaseEvents().filter((event) => event.startsWith('started'))).toHaveLength(3);
  });

  it('makes the image again when the file is gone or was changed', async () => {
    const first = await build(simple);
    test.takePhaseEvents();
    const bytes = await readFile(first.path);
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(first.path, bytes);
    await utimes(first.path, new Date(), new Date());
    const second = await build(simple);
    expect(test.takePhaseEvents()).toContain('completed image_customization');
    expect(second.sha256).not.toBe(first.sha256); // fresh host keys and instance
  });

  it('keeps the password out of state, cache and image', async () => {
    const image = await build(simple);
    for (const name of await readdir(test.cacheDir, { recursive: true })) {
      const path = join(test.cacheDir, name);
      if ((await stat(path)).isFile()) expect((await readFile(path)).includes(PASSWORD), name).toBe(false);
    }
    const { signal } = new AbortController();
    const { stream } = await new BackendImageEngine().stream(image.path, 'raw', { signal });
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
    const raw = Buffer.concat(chunks);
    expect(raw.includes('node1')).toBe(true);
    expect(raw.includes(PASSWORD)).toBe(false);
  });

  const refused: [string, Configure, string][] = [
    [
      'a base image that does not exist',
      (builder) => builder.withBaseImage('/nowhere/x.img.xz'),
      'IMAGE_NOT_FOUND',
    ],
    [
      'a base image for another board',
      (builder) => builder.withBaseImage(RPI_DEBIAN).withForce(false),
      'OS_MISMATCH',
    ],
    [
      'a gateway outside the network',
      (builder) =>
        simple(builder).withNetworkConfig({ hostname: 'a', ipCidr: '10.0.0.2/24', gateway: '10.1.0.1' }),
      'NETWORK_GATEWAY_UNREACHABLE',
    ],
    ['an empty password', (builder) => simple(builder).withCredentials({ password: '' }), 'PASSWORD_EMPTY'],
    [
      'a password from a variable that is not set',
      (builder) => simple(builder).withCredentials({ password: { env: 'TURINGPI_TEST_UNSET' } }),
      'CREDENTIAL_UNREADABLE',
    ],
    [
      'a private key as public key',
      (builder) =>
        simple(builder).withCredentials({ sshKeys: ['-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n'] }),
      'SSH_PRIVATE_KEY_GIVEN',
    ],
    [
      'a malformed public key',
      (builder) => simple(builder).withCredentials({ sshKeys: ['ssh-ed25519 AAAA'] }),
      'SSH_PUBLIC_KEY_INVALID',
    ],
    [
      'a user name that Debian refuses',
      (builder) => simple(builder).withCredentials({ username: 'Me!' }),
      'USERNAME_INVALID',
    ],
    [
      'a package name that is an option',
      (builder) => simple(builder).withCredentials({ packages: ['-oX=y'] }),
      'PACKAGE_NAME_INVALID',
    ],
  ];
  it.each(refused)('refuses %s, writing no image', async (_name, configure, code) => {
    await expect(build(configure)).rejects.toMatchObject({ code });
    expect((await readdir(test.cacheDir)).filter((name) => name.endsWith('.xz'))).toEqual([]);
  });

  it('refuses an image for another board unless it is forced', async () => {
    test = await TestCluster.create('rk1');
    const wrong: Configure = (builder) => builder.withBaseImage(RPI_DEBIAN);
    await expect(build(wrong, 'debian')).rejects.toMatchObject({ code: 'BOARD_MISMATCH' });
    expect((await build((builder) => wrong(builder).withForce(), 'debian')).os).toBe('debian');
  });
});
