import { imageBuilderOf, osInstallerOf, type ImageBuilder } from '@turingpi/provisioning';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CustomizedImage, InstalledNode, RunOptions } from '@turingpi/core';
import { Node1, Secret } from '@turingpi/foundation';
import type { Context } from '@turingpi/core/plugin';
import type { GenericInstallConfig, OsInstallerOptions } from '@turingpi/provisioning';
import { BackendImageEngine } from '@turingpi/image';
import { RuntimeError } from '@turingpi/runtime';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { PreparedImage } from './prepared-image.fixture.js';
import { RK1_UBUNTU, TestCluster } from './test-cluster.fixture.js';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN3TpK1nOn3NjPUEPTlR4kOMaQbE9TFHmsRXBb8xaPGZ ops@example';
vi.setConfig({ testTimeout: 180_000 }); // several whole images
let test: TestCluster;
beforeEach(async () => {
  test = await TestCluster.create();
});
afterEach(() => test[Symbol.asyncDispose]());

interface Outcome {
  readonly image: CustomizedImage;
  readonly installed: InstalledNode;
}

async function install(
  options: OsInstallerOptions = { initialUserPassword: 'first' },
  generic: GenericInstallConfig = {},
  configure: (builder: ImageBuilder) => ImageBuilder = (builder) => builder,
  environment?: Context['environment'],
  anew: RunOptions = {},
): Promise<Outcome> {
  const os = 'ubuntu';
  const cluster = await test.open({}, environment && { environment });
  let outcome: Outcome | undefined;
  await cluster.run(async (context: Context) => {
    const image = await configure(imageBuilderOf(os).withBaseImage(RK1_UBUNTU)).run(context);
    const installed = await osInstallerOf(os, options)
      .usingImage(image)
      .withGenericConfig(generic)
      .run(context);
    outcome = { image, installed };
  })(Node1, anew);
  return outcome!;
}

/** The same for a node that is to be installed anew: what can be changed on it as it runs is not. */
function reinstall(options: OsInstallerOptions): Promise<Outcome> {
  return install(options, {}, undefined, undefined, { reinstall: [Node1] });
}

async function rawDigest(path: string): Promise<string> {
  const { stream } = await new BackendImageEngine().stream(path, 'raw', new AbortController());
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

async function userDataOf(path: string): Promise<string> {
  await using session = await new BackendImageEngine().open(path, {
    signal: new AbortController().signal,
    cacheDir: test.cacheDir,
  });
  return (await (await session.files('CIDATA')).readText('/user-data'))!;
}

/** Those of the public keys whose private halves are in the image. */
async function hostKeysIn(path: string, publicKeys: readonly string[]): Promise<string[]> {
  await using session = await new BackendImageEngine().open(path, {
    signal: new AbortController().signal,
    cacheDir: test.cacheDir,
  });
  const root = await session.files('root');
  const names = ['ssh_host_ed25519_key', 'ssh_host_ecdsa_key'];
  const pems = await Promise.all(names.map((name) => root.readText(`/etc/ssh/${name}`)));
  // An OpenSSH private key without a passphrase has its public half in it as it is.
  const blobs = pems.map((pem) => Buffer.from(pem!.replace(/-----.*?-----/g, ''), 'base64'));
  return publicKeys.filter((line) => blobs.some((blob) => blob.includes(line.split(' ')[1]!, 0, 'base64')));
}

describe('the installation of a Linux', () => {
  it('fails before anything is touched when no image was given', async () => {
    const cluster = await test.open();
    const run = cluster.run(async (context: Context) => {
      await osInstallerOf('ubuntu').run(context);
    });
    await expect(run(Node1)).rejects.toMatchObject({
      code: 'PHASE_INPUT_MISSING',
      message: expect.stringContaining('usingImage was not called') as string,
    });
    expect(test.board.installed).toEqual([]);
  });

  it('installs exactly the file that phase 1 has on record, with the credentials in it, and skips both phases then', async () => {
    const again = () =>
      install({ initialUserPassword: 'first' }, { sshKeys: [KEY], passwordAuthentication: true });
    const { installed } = await again();
    const file = join(test.cacheDir, 'node1.img.xz');
    expect(test.board.installed).toMatchObject([{ sha256: await rawDigest(file), path: file }]);
    expect(installed.imageSha256).toBe(
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex'),
    );
    const state = JSON.parse(await readFile(join(test.cacheDir, 'tpi_state.json'), 'utf8')) as {
      Node1: Record<string, { output_sha256?: string; installation_id?: string }>;
    };
    expect(state.Node1['image_customization']?.output_sha256).toBe(installed.imageSha256);
    expect(state.Node1['os_installation']?.installation_id).toBe(installed.installationId);
    const userData = await userDataOf(file);
    expect(userData).toContain(KEY);
    expect(userData).toMatch(/hashed_passwd: \$6\$/);
    expect(test.board.poweredOn).toBe(1);
    test.takePhaseEvents();
    expect((await again()).installed).toEqual(installed);
    expect(test.takePhaseEvents()).toEqual(['skipped image_customization', 'skipped os_installation']);
    expect(test.board.installed).toHaveLength(1);
  });

  it('makes the image again, from its base, and installs it anew with other credentials, or without them', async () => {
    const first = await install({ initialUserPassword: 'first' });
    const second = await reinstall({ initialUserPassword: 'second' });
    expect(test.board.installed).toHaveLength(2);
    expect(second.installed.installationId).not.toBe(first.installed.installationId);
    test.takePhaseEvents();
    await install({ initialUserPassword: 'second' });
    expect(test.takePhaseEvents()).toEqual(['skipped image_customization', 'skipped os_installation']);
    await reinstall({ skipBootWait: true });
    expect(await userDataOf(join(test.cacheDir, 'node1.img.xz'))).not.toContain('hashed_passwd');
  });

  it('looks for passwords, as the image builder does, in the environment that the cluster was created with', async () => {
    const ofImage = { password: { env: 'IN_THE_IMAGE' } };
    const { image } = await install(
      { initialUserPassword: { env: 'AT_THE_INSTALLER' } },
      {},
      (builder) => builder.withCredentials(ofImage),
      { IN_THE_IMAGE: 'first', AT_THE_INSTALLER: 'second' },
    );
    expect(await userDataOf(image.path)).toMatch(/hashed_passwd: \$6\$/);
    await expect(install({ initialUserPassword: { env: 'AT_THE_INSTALLER' } })).rejects.toMatchObject({
      code: 'CREDENTIAL_UNREADABLE',
    });
  });

  it('keeps the host keys of an image that it makes again, until another one is installed', async () => {
    const first = await install({ initialUserPassword: 'first' });
    expect(first.image.credentialsHash).toBeUndefined(); // the installer made it again
    expect(first.installed.hostKeys).toEqual(first.image.hostKeys);
    const file = join(test.cacheDir, 'node1.img.xz');
    expect(await hostKeysIn(file, first.image.hostKeys)).toEqual(first.image.hostKeys);
    const second = await reinstall({ initialUserPassword: 'second' });
    expect(second.installed.imageSha256).not.toBe(first.installed.imageSha256);
    const { hostKeys } = second.installed;
    for (const key of hostKeys) expect(first.image.hostKeys).not.toContain(key);
    expect(await hostKeysIn(file, hostKeys)).toEqual(hostKeys);
  });

  it('builds only once when the image builder was told the same', async () => {
    await install({ initialUserPassword: 'first' }, {}, (builder) =>
      builder.withCredentials({ password: new Secret('first') }),
    );
    expect(test.takePhaseEvents().filter((event) => event === 'started image_customization')).toHaveLength(1);
  });

  it('lets the installer add to what the image builder was told', async () => {
    await install({ initialUserPassword: 'first' }, {}, (builder) =>
      builder.withCredentials({ username: 'ops', timezone: 'Europe/Berlin' }),
    );
    expect(test.ssh.targets.at(-1)?.username).toBe('ops');
    expect(await userDataOf(join(test.cacheDir, 'node1.img.xz'))).toMatch(/timezone: Europe\/Berlin/);
  });

  it.each<[string, (image: CustomizedImage) => CustomizedImage]>([
    ['a copy', (image) => ({ ...image })],
    ['what JSON makes of it', (image) => JSON.parse(JSON.stringify(image)) as CustomizedImage],
  ])('takes %s for the image, also where the credentials come with the installer', async (_what, copy) => {
    const os = 'ubuntu';
    const cluster = await test.open();
    const results: InstalledNode[] = [];
    const provision = cluster.run(async (context: Context) => {
      const image = await imageBuilderOf(os).withBaseImage(RK1_UBUNTU).run(context);
      results.push(
        await osInstallerOf(os, { initialUserPassword: 'first' }).usingImage(copy(image)).run(context),
      );
    });
    await provision(Node1);
    expect(await userDataOf(join(test.cacheDir, 'node1.img.xz'))).toMatch(/hashed_passwd: \$6\$/);
    expect(results[0]?.baseContent).toMatch(/^[0-9a-f]{64}$/);
    test.takePhaseEvents();
    await provision(Node1);
    expect(test.takePhaseEvents()).toEqual(['skipped image_customization', 'skipped os_installation']);
    expect(results[1]).toEqual(results[0]);
  });

  it('refuses to wait for a node that nobody could log in to, before flashing', async () => {
    // A key that certainly is nobody's identity on this machine; no agent.
    const agent = process.env['SSH_AUTH_SOCK'];
    delete process.env['SSH_AUTH_SOCK'];
    try {
      await expect(
        install({}, {}, (builder) => builder.withCredentials({ sshKeys: [KEY] })),
      ).rejects.toMatchObject({ code: 'LOGIN_MISSING' });
    } finally {
      if (agent !== undefined) process.env['SSH_AUTH_SOCK'] = agent;
    }
    expect(test.board.installed).toEqual([]);
  });
});

describe('with an image that is there already', () => {
  let prepared: PreparedImage;
  let use: CustomizedImage;
  beforeAll(async () => {
    prepared = await PreparedImage.make({ password: 'first' });
  });
  afterAll(() => prepared[Symbol.asyncDispose]());
  beforeEach(async () => {
    await test[Symbol.asyncDispose]();
    test = await prepared.cluster();
    use = prepared.image;
  });

  async function install(options: OsInstallerOptions = {}, generic: GenericInstallConfig = {}) {
    const cluster = await test.open();
    let installed: InstalledNode | undefined;
    await cluster.run(async (context: Context) => {
      installed = await osInstallerOf('ubuntu', {
        initialUserPassword: 'first',
        ...options,
      })
        .usingImage(use)
        .withGenericConfig(generic)
        .run(context);
    })(Node1);
    return installed!;
  }

  it('refuses a disk that the strategy does not write to', async () => {
    await expect(install({ target: 'nvme' })).rejects.toMatchObject({
      code: 'STRATEGY_TARGET_UNKNOWN',
      message: expect.stringContaining("'nvme'") as string,
    });
  });

  it('refuses an unknown strategy, naming those there are', async () => {
    await expect(install({ strategy: 'magic' })).rejects.toMatchObject({
      code: 'STRATEGY_UNKNOWN',
      hint: 'It has: flash, other.',
    });
  });

  it('takes another name of a strategy for it, and records its id', async () => {
    const installed = await install({ strategy: 'usual' });
    expect(installed.strategy).toBe('flash');
  });

  it('does not wait when told so', async () => {
    await install({ skipBootWait: true });
    expect(test.ssh.targets).toEqual([]);
    expect(test.board.poweredOn).toBe(1);
  });

  it('waits for our own host key with the password, and for cloud-init', async () => {
    const installed = await install();
    const [target] = test.ssh.targets;
    expect(target).toMatchObject({
      host: '192.168.1.101',
      port: 22,
      username: 'ubuntu',
      hostKeys: installed.hostKeys,
    });
    expect(target?.auth.password?.reveal()).toBe('first');
    expect(test.ssh.commands).toEqual(['cloud-init status --wait']);
    expect(test.ssh.closed).toBe(1);
  });

  it('refuses what an image of another run does not hold', async () => {
    for (const refused of [{ initialUserPassword: 'new' }, { username: 'ops' }])
      await expect(install(refused)).rejects.toMatchObject({ code: 'PHASE_INPUT_MISSING' });
    expect(test.board.installed).toEqual([]);
  });

  describe('a refused login', () => {
    beforeEach(() => {
      test.ssh.refusal = new RuntimeError('SSH_AUTH_REFUSED', 'no such key');
    });
    const attempts = async (): Promise<number> => {
      let count = 0;
      const cluster = test.open.bind(test);
      test.open = async () => {
        const opened = await cluster();
        opened.subscribe((event) => {
          if (event.type === 'phase:progress' && event.progress.note === 'it lets nobody in yet') count += 1;
        });
        return opened;
      };
      await expect(install()).rejects.toMatchObject({
        code: 'SSH_AUTH_REFUSED',
        message: expect.stringContaining('no such key') as string,
      });
      return count;
    };

    it('ends the wait once cloud-init has finished', async () => {
      test.board.console = [
        '[  21.5] cloud-init[900]: Cloud-init v. 24.1.3 finished at Mon, 01 Jan 2024\r\n',
      ];
      expect(await attempts()).toBe(2);
    });

    it('is waited for while the boot goes on', async () => {
      test.board.console = ['[    1.6] systemd[1]: systemd running\r\n', 'node1 login: '];
      expect(await attempts()).toBe(30); // then the SSH runtime's own patience ends
    });

    it('ends the wait soon when the console tells nothing', async () => {
      vi.spyOn(performance, 'now').mockImplementation(
        (() => {
          let now = 0;
          return () => (now += 5_000);
        })(),
      );
      expect(await attempts()).toBe(21);
    });
  });

  it('ends a hopeless wait at once and says what the console showed', async () => {
    test.ssh.refusal = 'wait';
    test.board.console = [
      'Linux version 6.1\r\n',
      '\u001b[1mKernel panic - not syncing: VFS: Unable',
      ' to mount root fs\r\n',
    ];
    await expect(install()).rejects.toMatchObject({
      code: 'BOOT_FAILED',
      message: expect.stringContaining('the kernel panicked: VFS: Unable to mount root fs') as string,
      details: { console: ['Linux version 6.1', 'Kernel panic - not syncing: VFS: Unable to mount root fs'] },
    });
  });

  it('tells the board that a boot is over when it gave up, and not when it was stopped', async () => {
    test.ssh.refusal = 'wait';
    const stop = new AbortController();
    const os = 'ubuntu';
    const cluster = await test.open();
    const provision = cluster.run(async (context: Context) => {
      const image = await imageBuilderOf(os).withBaseImage(RK1_UBUNTU).run(context);
      await osInstallerOf(os, { initialUserPassword: 'first' }).usingImage(image).run(context);
    });
    const stopped = cluster.runAll(provision, { signal: stop.signal });
    await vi.waitFor(() => expect(test.ssh.targets).not.toEqual([]), { timeout: 60_000 });
    stop.abort();
    await stopped;
    // It may boot for minutes: a flash of another node must not take it for one in USB boot.
    expect(test.board.bootsEnded).toBe(0);

    test.ssh.refusal = new RuntimeError('SSH_HOST_KEY_MISMATCH', 'another machine', {});
    await expect(install()).rejects.toMatchObject({ code: 'SSH_HOST_KEY_MISMATCH' });
    expect(test.board.bootsEnded).toBe(1);
  });

  it('diagnoses a node that came up elsewhere', async () => {
    test.ssh.refusal = new RuntimeError('SSH_TIMEOUT', 'nothing');
    test.board.console = ['systemd-networkd[300]: end0: DHCPv4 address 192.168.1.57/24 via 192.168.1.1\r\n'];
    await expect(install()).rejects.toMatchObject({
      code: 'BOOT_TIMEOUT',
      message: expect.stringContaining(
        'answered by DHCP on end0: it has 192.168.1.57 and not 192.168.1.101',
      ) as string,
    });
  });

  describe('a system whose first boot reports to nobody', () => {
    beforeEach(() => {
      const { image } = prepared;
      use = { ...image, linux: { ...image.linux!, firstBoot: 'none' } };
    });

    it('is up when systemd has nothing left to start', async () => {
      test.ssh.answer = () => ({ exitCode: 1, stdout: 'degraded\n' });
      await install();
      expect(test.ssh.commands).toEqual(['systemctl is-system-running --wait']);
    });

    it('is up as well where systemd cannot tell', async () => {
      test.ssh.answer = () => ({ exitCode: 1, stdout: 'offline\n', stderr: 'unknown verb' });
      expect((await install()).strategy).toBe('flash');
    });

    it.each(['maintenance', 'stopping'])('is not up in the state %s', async (state) => {
      test.ssh.answer = () => ({ exitCode: 1, stdout: `${state}\n` });
      await expect(install()).rejects.toMatchObject({
        code: 'FIRST_BOOT_FAILED',
        message: expect.stringContaining(state) as string,
      });
    });
  });

  it('fails when cloud-init reports an error, and not for recoverable complaints', async () => {
    test.ssh.answer = (command) =>
      command.includes('--wait')
        ? { exitCode: 1, stdout: 'status: error' }
        : { stdout: 'detail: no such group' };
    await expect(install()).rejects.toMatchObject({
      code: 'FIRST_BOOT_FAILED',
      message: expect.stringContaining('no such group') as string,
    });
    test.ssh.answer = () => ({ exitCode: 2, stdout: 'status: done' });
    expect((await install()).strategy).toBe('flash');
  });
});
