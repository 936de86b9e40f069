import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import rk1 from '@turingpi/board-rk1';
import { actionCases, operatingSystemCases, type OperatingSystemSubject } from '@turingpi/conformance';
import { createTuringPi, Node1 } from '@turingpi/core';
import type { Context, CustomizedImage, Plugin } from '@turingpi/core/plugin';
import { BackendImageEngine, type ImageFiles } from '@turingpi/image';
import type { ImageBuilder, OsInstaller, OsInstallerOptions } from '@turingpi/provisioning';
import { RuntimeError } from '@turingpi/runtime';
import { startVirtualBoard } from '@turingpi/virtual-board';
import { baseImagePath } from '@turingpi/virtual-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../support/site/run-cli.js';
import { makeSite } from '../support/site/site.js';
import { makeProject } from './make-project.js';
import { makeOpenRcPicture } from './openrc-picture.js';

const PLUGIN = path.resolve(import.meta.dirname, '../../examples/plugins/os-openrc');
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN3TpK1nOn3NjPUEPTlR4kOMaQbE9TFHmsRXBb8xaPGZ ops@example';

/** What the package exports. */
interface OpenRc {
  readonly default: Plugin;
  openRcImage(): ImageBuilder;
  openRcInstaller(options?: OsInstallerOptions): OsInstaller;
}

let directory: string;
let baseImage: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'turingpi-openrc-'));
  baseImage = await makeOpenRcPicture(directory);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** The plugin, installed in a project of its own. */
async function installed(): Promise<{ readonly folder: string; readonly openrc: OpenRc }> {
  const folder = path.join(await makeProject(), 'os-openrc');
  await cp(PLUGIN, folder, { recursive: true });
  return { folder, openrc: (await import(pathToFileURL(path.join(folder, 'index.js')).href)) as OpenRc };
}

const network = { hostname: 'node1', ipCidr: '10.0.0.11/24', gateway: '10.0.0.1', dnsServers: ['10.0.0.1'] };

function subject(plugin: Plugin): OperatingSystemSubject {
  return {
    ...{ plugin, id: 'openrc', board: 'rk1', baseImage, foreignImage: baseImagePath('rk1-ubuntu.img.xz') },
    asked: {
      network,
      credentials: { username: 'ops', password: 'correct horse battery', sshKeys: [KEY] },
    },
    otherwise: { network: { ...network, hostname: 'node2' } },
    wrong: [
      {
        title: 'an address without a prefix length',
        network: { ...network, ipCidr: '10.0.0.11' },
        code: 'NETWORK_CIDR_INVALID',
      },
      { title: 'a node without an address', network: { hostname: 'node1' }, code: 'OPENRC_NEEDS_ADDRESS' },
      { title: 'a locale', credentials: { locale: 'de_DE.UTF-8' }, code: 'OPENRC_SETTING_UNSUPPORTED' },
      { title: 'packages', credentials: { packages: ['htop'] }, code: 'OPENRC_SETTING_UNSUPPORTED' },
      { title: 'a user of the system', credentials: { username: 'sshd' }, code: 'USERNAME_INVALID' },
    ],
  };
}

let loaded: Promise<Plugin> | undefined;

/** Loaded once: what is loaded needs its files no more. */
function plugin(): Promise<Plugin> {
  return (loaded ??= installed().then(({ openrc }) => openrc.default));
}

describe('Debian with OpenRC', () => {
  const names = operatingSystemCases(subject({} as Plugin)).map(({ name }) => name);
  it.each(names)('%s', async (name) => {
    const found = operatingSystemCases(subject(await plugin())).find((one) => one.name === name);
    await found!.run();
  });
});

describe('the action deb', () => {
  const debSubject = (plugin: Plugin) => ({
    ...{ plugin, id: 'deb' },
    files: { 'one.deb': '1', 'other.deb': '2' },
    input: ['one.deb'],
    otherInput: ['other.deb'],
    step: { deb: ['one.deb'] },
    wrongSteps: [{ step: { deb: ['one.deb', 'other.rpm'] }, keys: ['deb[1]'] }],
  });
  const names = actionCases(debSubject({} as Plugin)).map(({ name }) => name);
  it.each(names)('%s', async (name) => {
    const found = actionCases(debSubject(await plugin())).find((one) => one.name === name);
    await found!.run();
  });
});

/** Looks at the root filesystem of an image. */
async function inRoot<T>(file: string, look: (root: ImageFiles) => Promise<T>): Promise<T> {
  const { signal } = new AbortController();
  const cacheDir = path.join(directory, 'engine');
  await using image = await new BackendImageEngine().open(file, { signal, cacheDir });
  return await look(await image.files('root'));
}

async function expectNode(
  root: ImageFiles,
  { hostname, key }: { readonly hostname: string; readonly key: string },
) {
  expect(await root.readText('/etc/hostname')).toBe(`${hostname}\n`);
  expect(await root.readText('/etc/hosts')).toContain(`127.0.1.1\t${hostname}\n`);
  expect(await root.readText('/etc/network/interfaces')).toMatch(
    /^iface \S+ inet static\n {4}address 192\.168\.1\.101$/m,
  );
  expect(await root.exists('/etc/network/interfaces.d/wired')).toBe(false);
  expect(await root.readText('/etc/passwd')).toMatch(/^admin:x:\d+:\d+::\/home\/admin:/m);
  expect(await root.readText('/etc/shadow')).toMatch(/^admin:\$6\$/m);
  expect(await root.readText('/home/admin/.ssh/authorized_keys')).toBe(`${key}\n`);
  // Ours are started as OpenRC starts services; the link of the image itself stays the only one.
  for (const link of ['sysinit/hostname.sh', 'boot/networking', 'default/ssh'])
    expect(await root.readLink(`/etc/runlevels/${link}`)).toBe(`/etc/init.d/${link.split('/')[1]}`);
  for (const foreign of ['/etc/systemd', '/etc/netplan', '/etc/cloud'])
    expect(await root.exists(foreign)).toBe(false);
}

it('is a system of a configuration file, without a line in our packages', async () => {
  const { folder } = await installed();
  await using site = await makeSite();
  await using board = await startVirtualBoard({
    nodes: [{ board: 'rk1' }],
    dir: path.join(site.directory, 'board'),
    boot: 'none', // nothing in the picture runs
    clock: { scale: 100 },
    httpPort: 'off',
  });
  await site.configure(board, {
    node1: { ip: '192.168.1.101', board: 'rk1', os: 'openrc', hostname: 'by-file' },
    workflow: {
      baseImages: { openrc: baseImage },
      user: { name: 'admin', password: site.userPassword, sshKeys: [site.publicKey] },
      postInstall: [],
      install: { skipBootWait: true },
    },
  });
  const dependencies = { 'turingpi-os-openrc': '*' };
  await writeFile(path.join(site.directory, 'package.json'), JSON.stringify({ dependencies }));
  await mkdir(path.join(site.directory, 'node_modules'));
  await symlink(folder, path.join(site.directory, 'node_modules/turingpi-os-openrc'), 'junction');

  const up = await runCli(['up', '--erase', '1'], { cwd: site.directory });
  expect(up.stderr).not.toContain('Error');
  expect(up.exitCode, up.stdout).toBe(0);
  const image = path.join(site.cacheDir, 'by-file.img.xz');
  await inRoot(image, (root) => expectNode(root, { hostname: 'by-file', key: site.publicKey }));
});

it('is a system of a program, with callbacks that cannot lock its node away', async () => {
  const { openrc } = await installed();
  await using site = await makeSite();
  await using cluster = await createTuringPi({
    ip: '127.0.0.1',
    cacheDir: site.cacheDir,
    node1: { ip: '192.168.1.101', board: 'rk1', hostname: 'by-code' },
    plugins: [openrc.default, rk1],
  });
  const build = (change: Parameters<ImageBuilder['withPreInstall']>[0]) =>
    cluster.run((context: Context): Promise<CustomizedImage> =>
      openrc
        .openRcImage()
        .withBaseImage(baseImage)
        .withCredentials({ username: 'admin', password: site.userPassword, sshKeys: [site.publicKey] })
        .withPreInstall(change)
        .run(context),
    )(Node1);

  const image = await build((files) => files.writeFile('/etc/motd', 'hello\n'));
  expect(image).toMatchObject({ os: 'openrc', openrc: { username: 'admin' } });
  await inRoot(image.path, async (root) => {
    await expectNode(root, { hostname: 'by-code', key: site.publicKey });
    expect(await root.readText('/etc/motd')).toBe('hello\n');
  });
  await expect(build((files) => files.remove('/etc/runlevels/default/ssh'))).rejects.toMatchObject({
    code: 'OPENRC_SERVICE_OFF',
  });
});

it.each([
  ['a password alone', {}, 'yes', 'yes'],
  ['a password and a key', { sshKeys: [KEY] }, 'no', undefined],
  ['a password that SSH is not to take', { passwordAuthentication: false }, 'no', undefined],
])('lets root in as asked: by %s', async (_what, credentials, passwords, root) => {
  const { openrc } = await installed();
  await using site = await makeSite();
  await using cluster = await createTuringPi({
    ip: '127.0.0.1',
    cacheDir: site.cacheDir,
    node1: { ip: '192.168.1.101', board: 'rk1', hostname: 'by-root' },
    plugins: [openrc.default, rk1],
  });
  const image = await cluster.run((context: Context): Promise<CustomizedImage> =>
    openrc
      .openRcImage()
      .withBaseImage(baseImage)
      .withCredentials({ password: site.userPassword, ...credentials })
      .run(context),
  )(Node1);
  const settings = await inRoot(image.path, (files) =>
    files.readText('/etc/ssh/sshd_config.d/10-turingpi.conf'),
  );
  expect(/^PasswordAuthentication (.*)$/m.exec(settings ?? '')?.[1]).toBe(passwords);
  expect(/^PermitRootLogin (.*)$/m.exec(settings ?? '')?.[1]).toBe(root);
});

it('says what is not started when the default runlevel is not reached, and stops with the reason of the signal', async () => {
  const { folder } = await installed();
  const file = pathToFileURL(path.join(folder, 'wait-for-runlevel.js')).href;
  const { waitForRunlevel } = (await import(file)) as {
    readonly waitForRunlevel: (session: unknown, runlevel: string, options: object) => Promise<void>;
  };
  const session = {
    place: 'ops@node1',
    exec: (command: string | readonly string[]) =>
      typeof command === 'string'
        ? Promise.reject(new RuntimeError('COMMAND_TIMEOUT', 'too long'))
        : Promise.resolve({ stdout: ` ssh [ stopped ]` }),
  };
  const wait = (signal: AbortSignal) => waitForRunlevel(session, 'default', { signal, timeoutMs: 1 });
  await expect(wait(new AbortController().signal)).rejects.toMatchObject({
    code: 'OPENRC_RUNLEVEL_NOT_REACHED',
    details: { services: [' ssh [ stopped ]'] },
  });
  const reason = new Error('stopped by the test');
  await expect(wait(AbortSignal.abort(reason))).rejects.toBe(reason);
});

it('is small, and needs nothing of systemd, cloud-init or apt', async () => {
  const sources = (await readdir(PLUGIN)).filter((name) => name.endsWith('.js'));
  const texts = await Promise.all(sources.map((name) => readFile(path.join(PLUGIN, name), 'utf8')));
  const lines = texts.join('\n').split('\n');
  expect(lines.filter((line) => line.trim() !== '').length).toBeLessThan(300);
  for (const text of texts) expect(text).not.toMatch(/(enable|mask)Unit|writeSeed|aptInstall|apt-get/);
});
