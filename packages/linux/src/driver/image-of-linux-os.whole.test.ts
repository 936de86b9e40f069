import { imageBuilderOf, type ImageBuilder } from '@turingpi/provisioning';
import { readFile, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Node1 } from '@turingpi/foundation';
import type { CustomizedImage } from '@turingpi/core';
import type { Context } from '@turingpi/core/plugin';
import { BackendImageEngine, type ImageSession } from '@turingpi/image';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { RK1_UBUNTU, RPI_DEBIAN, TestCluster } from './test-cluster.fixture.js';

const PASSWORD = 'Correct-Horse-7';
let test: TestCluster;
beforeEach(async () => {
  test = await TestCluster.create();
});
afterEach(() => test[Symbol.asyncDispose]());

type Configure = (builder: ImageBuilder) => ImageBuilder;

async function build(
  configure: Configure,
  os = 'ubuntu',
  ...opened: Parameters<TestCluster['open']>
): Promise<CustomizedImage> {
  const cluster = await test.open(...opened);
  let image: CustomizedImage | undefined;
  await cluster.run(async (context: Context) => {
    image = await configure(imageBuilderOf(os)).run(context);
  })(Node1);
  return image!;
}

async function withImage<T>(path: string, look: (session: ImageSession) => Promise<T>): Promise<T> {
  const { signal } = new AbortController();
  await using session = await new BackendImageEngine().open(path, { signal, cacheDir: test.cacheDir });
  return await look(session);
}

async function imagesIn(directory: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => /\.(img|xz)/.test(name));
}

async function rawImage(path: string): Promise<Buffer> {
  const { stream } = await new BackendImageEngine().stream(path, 'raw', {
    signal: new AbortController().signal,
  });
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}

const simple: Configure = (builder) =>
  builder.withBaseImage(RK1_UBUNTU).withCredentials({ password: PASSWORD });

describe('the image of a Linux', () => {
  it('fails before anything is touched when no base image was given', async () => {
    await expect(build((builder) => builder)).rejects.toMatchObject({
      code: 'PHASE_INPUT_MISSING',
      message: expect.stringContaining('withBaseImage was not called') as string,
    });
    expect(await imagesIn(test.cacheDir)).toEqual([]);
  });

  it('opens no image when nothing is to be done, though callbacks look into it', async () => {
    const looking = (text: string) =>
      build((builder) =>
        simple(builder).withPreInstall(async (files) => {
          await files.writeFile('/bin/app', text, { mode: 0o755 });
          if (await files.exists('/etc/hosts'))
            await files.appendFile('/etc/hosts', '192.168.1.50 registry\n');
        }),
      );
    const first = await looking('1');
    const open = vi.spyOn(BackendImageEngine.prototype, 'open');
    try {
      test.takePhaseEvents();
      expect(await looking('1')).toMatchObject({ sha256: first.sha256 });
      expect(test.takePhaseEvents()).toEqual(['skipped image_customization']);
      expect(open).not.toHaveBeenCalled();

      // A damaged memory is as good as none.
      for (const name of await readdir(join(test.cacheDir, 'digests')))
        if (name.startsWith('answers-of-')) {
          const file = join(test.cacheDir, 'digests', name);
          await writeFile(file, (await readFile(file, 'utf8')).replace('"mode":', '"mode":1'));
        }
      expect(await looking('1')).toMatchObject({ sha256: first.sha256 });
      expect(test.takePhaseEvents()).toEqual(['skipped image_customization']);
      expect(open).toHaveBeenCalledOnce();

      await looking('2');
      expect(test.takePhaseEvents()).toContain('completed image_customization');
    } finally {
      open.mockRestore();
    }
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
      linux: { username: 'ubuntu', family: 'ubuntu-rockchip', firstBoot: 'cloud-init' },
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

  it('shows pre-install callbacks the files as we have changed them, the same in every run', async () => {
    const seen: string[] = [];
    const configure: Configure = (builder) =>
      simple(builder).withPreInstall(async (files) => {
        const hosts = (await files.readFile('/etc/hosts')).toString();
        seen.push((await files.readFile('/etc/hostname')).toString());
        await files.writeFile('/etc/hosts', `${hosts}192.168.1.50 registry\n`);
        await files.writeFile('/etc/netplan.seen', await files.readFile('/etc/netplan/60-turingpi.yaml'));
      });
    const image = await build(configure);
    await withImage(image.path, async (session) => {
      const root = await session.files('root');
      expect(await root.readText('/etc/hosts')).toMatch(/127\.0\.1\.1\tnode1[\s\S]*192\.168\.1\.50 registry/);
    });
    test.takePhaseEvents();
    await build(configure);
    expect(test.takePhaseEvents()).toEqual(['skipped image_customization']);
    expect(seen).toEqual(['node1\n', 'node1\n']);
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

  it('takes the whole network of the configuration where none is given', async () => {
    const image = await build(simple, 'ubuntu', {
      node1: { ip: '192.168.1.101', board: 'rk1', hostname: 'node1', macAddress: '02:00:00:00:00:01' },
      network: { gateway: '10.0.0.1', onLink: true, prefixLength: 32 },
    });
    await withImage(image.path, async (session) => {
      const root = await session.files('root');
      expect(parse((await root.readText('/etc/netplan/60-turingpi.yaml'))!)).toMatchObject({
        network: {
          ethernets: {
            turingpi: {
              match: { macaddress: '02:00:00:00:00:01' },
              addresses: ['192.168.1.101/32'],
              routes: [{ via: '10.0.0.1', 'on-link': true }],
            },
          },
        },
      });
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

  it('makes the same image again when the file is gone or was changed', async () => {
    const first = await build(simple);
    test.takePhaseEvents();
    const bytes = await readFile(first.path);
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(first.path, bytes);
    await utimes(first.path, new Date(), new Date());
    const second = await build(simple);
    expect(test.takePhaseEvents()).toContain('completed image_customization');
    expect(second).toEqual(first);
  });

  it.each([
    ['Ubuntu with a seed partition', RK1_UBUNTU, 'ubuntu', 'rk1', 'ubuntu'],
    ['Raspberry Pi OS', RPI_DEBIAN, 'debian', 'cm4', undefined],
  ])(
    'keeps the password out of state, cache, log and every byte of the image: %s',
    async (_name, base, os, board, shipped) => {
      await test[Symbol.asyncDispose]();
      test = await TestCluster.create(board);
      const image = await build(
        (builder) => builder.withBaseImage(base).withCredentials({ password: PASSWORD }),
        os,
      );
      const isIn = (bytes: Buffer, text: string): boolean =>
        bytes.includes(text) || bytes.includes(Buffer.from(text).toString('base64').replace(/=+$/, ''));
      for (const name of await readdir(test.cacheDir, { recursive: true })) {
        const path = join(test.cacheDir, name);
        if ((await stat(path)).isFile()) expect(isIn(await readFile(path), PASSWORD), name).toBe(false);
      }
      // All of the disk: both partitions with their free space, and what lies between and behind them.
      const raw = await rawImage(image.path);
      expect(raw.length).toBe(image.rawSizeBytes);
      expect(isIn(raw, 'node1')).toBe(true);
      expect(isIn(raw, PASSWORD)).toBe(false);
      if (shipped !== undefined) expect(isIn(raw, `${shipped}:${shipped}`)).toBe(false);
      expect(test.log.join('')).toContain('image recognised');
      expect(isIn(Buffer.from([...test.log, JSON.stringify(test.events)].join('')), PASSWORD)).toBe(false);
    },
  );

  const refused: [string, Configure, string][] = [
    [
      'a base image that does not exist',
      (builder) => builder.withBaseImage('/nowhere/x.img.xz'),
      'IMAGE_NOT_FOUND',
    ],
    [
      'a base image of another distribution',
      (builder) => builder.withBaseImage(RPI_DEBIAN).withForce(false),
      'OS_MISMATCH',
    ],
    [
      'a gateway outside the network',
      (builder) =>
        simple(builder).withNetworkConfig({ hostname: 'a', ipCidr: '10.0.0.2/24', gateway: '10.1.0.1' }),
      'NETWORK_GATEWAY_UNREACHABLE',
    ],
    [
      'an address without prefix length',
      (builder) => simple(builder).withNetworkConfig({ hostname: 'a', ipCidr: '10.0.0.2' }),
      'NETWORK_CIDR_INVALID',
    ],
    [
      'an IPv6 address that is none',
      (builder) =>
        simple(builder).withNetworkConfig({ hostname: 'a', ipCidr: '10.0.0.2/24', ip6Cidr: 'fd00::1::2/64' }),
      'NETWORK_ADDRESS_INVALID',
    ],
    [
      'an IPv6 gateway outside the network',
      (builder) =>
        simple(builder).withNetworkConfig({
          hostname: 'a',
          ipCidr: '10.0.0.2/24',
          ip6Cidr: 'fd00::2/64',
          gateway6: 'fd01::1',
        }),
      'NETWORK_GATEWAY_UNREACHABLE',
    ],
    [
      'an IPv6 gateway of an IPv4 network',
      (builder) =>
        simple(builder).withNetworkConfig({ hostname: 'a', ipCidr: '10.0.0.2/24', gateway: 'fd00::1' }),
      'NETWORK_ADDRESS_INVALID',
    ],
    [
      'a host name with an underscore',
      (builder) => simple(builder).withNetworkConfig({ hostname: 'node_1', ipCidr: '10.0.0.2/24' }),
      'HOSTNAME_INVALID',
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
    expect(await imagesIn(test.cacheDir)).toEqual([]);
  });

  it('refuses an image for another board unless it is forced', async () => {
    test = await TestCluster.create('rk1');
    const wrong: Configure = (builder) => builder.withBaseImage(RPI_DEBIAN);
    await expect(build(wrong, 'debian')).rejects.toMatchObject({ code: 'BOARD_MISMATCH' });
    expect((await build((builder) => wrong(builder).withForce(), 'debian')).os).toBe('debian');
  });
});
