import { createWriteStream } from 'node:fs';
import { cp, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import rk1 from '@turingpi/board-rk1';
import { createTuringPi, type CustomizedImage } from '@turingpi/core';
import type { Context, Plugin } from '@turingpi/core/plugin';
import { Node1, Secret } from '@turingpi/foundation';
import type { ImageBuilder, OsInstaller, OsInstallerOptions, PostInstaller } from '@turingpi/provisioning';
import { connectSsh, generateKeyPair, rebootNode, type SshSession, type SshTarget } from '@turingpi/runtime';
import { startVirtualBoard } from '@turingpi/virtual-board';
import { createQemuMachine } from '@turingpi/virtual-node';
import { type ExpectStatic, inject, it } from 'vitest';
import { makeProject } from '../plugins/make-project.js';
import { makeSite } from '../support/site/site.js';
import { makePackageRepository, PACKAGE } from './package-repository.js';

const PLUGIN = path.resolve(import.meta.dirname, '../../examples/plugins/os-openrc');
const ADDRESS = '192.168.1.101';
const HOSTNAME = 'boot-openrc';
const BOOT_TIMEOUT_MS = 1_800_000;
const SLOW = { connectTimeoutMs: 60_000 } as const;

/** What the example plugin exports. */
interface OpenRc {
  readonly default: Plugin;
  openRcImage(): ImageBuilder;
  openRcInstaller(options?: OsInstallerOptions): OsInstaller;
  openRcPostInstaller(): PostInstaller;
}

/** The plugin, installed in a project of its own. */
async function installedPlugin(): Promise<OpenRc> {
  const folder = path.join(await makeProject(), 'os-openrc');
  await cp(PLUGIN, folder, { recursive: true });
  return (await import(pathToFileURL(path.join(folder, 'index.js')).href)) as OpenRc;
}

const { directory, images } = inject('bootImages');
const baseImage = images?.['openrc'];

it.skipIf(baseImage === undefined)(
  'openrc, a system of a plugin outside of our packages, is as asked for at the first boot and after the second one',
  async ({ expect, signal, onTestFailed }) => {
    const consoleFile = path.join(directory, 'logs/openrc.log');
    onTestFailed(async () => {
      const lines = (await readFile(consoleFile, 'utf8').catch(() => '')).split('\n').slice(-60);
      process.stderr.write(`\n--- end of ${consoleFile}\n${lines.join('\n')}\n---\n`);
    });
    await mkdir(path.dirname(consoleFile), { recursive: true });
    const log = createWriteStream(consoleFile);
    const openrc = await installedPlugin();
    await using site = await makeSite();
    await using board = await startVirtualBoard({
      nodes: [{ board: 'rk1', address: ADDRESS }],
      emmcSizeBytes: 1024 ** 3,
      clock: { scale: 100 },
      createMachine: (options) =>
        createQemuMachine({
          ...options,
          processors: 1,
          onConsole: (text) => {
            log.write(text);
            options.onConsole(text);
          },
        }),
    });
    const packages = path.join(site.directory, 'packages');
    await makePackageRepository(packages);
    const ssh = board.nodes[0]!.ssh!;
    await using cluster = await createTuringPi(
      {
        ip: board.https.host,
        cacheDir: site.cacheDir,
        bmc: { port: board.https.port, password: 'turing', publicKeyPin: board.publicKeyPin },
        ssh: { privateKey: { file: site.privateKeyFile } },
        node1: { ip: ADDRESS, board: 'rk1', os: 'openrc', hostname: HOSTNAME, ssh },
        plugins: [openrc.default, rk1],
      },
      { approve: 'all' },
    );
    const image = await cluster.run(async (context: Context): Promise<CustomizedImage> => {
      const made = await openrc
        .openRcImage()
        .withBaseImage(baseImage!)
        .withNetworkConfig({
          ...{ hostname: HOSTNAME, ipCidr: `${ADDRESS}/24`, gateway: '192.168.1.1' },
          dnsServers: ['192.168.1.3'],
        })
        .withCredentials({
          ...{ username: 'ops', password: site.userPassword, sshKeys: [site.publicKey] },
          passwordAuthentication: true,
        })
        .withPreInstall((files) => files.writeFile('/etc/my_app/config', 'data\n', { mode: 0o640 }))
        .run(context);
      await openrc.openRcInstaller({ bootTimeoutMs: BOOT_TIMEOUT_MS }).usingImage(made).run(context);
      await openrc.openRcPostInstaller().runActions(context, async (_local, remote, perform) => {
        await remote.runCommand(['touch', '/var/lib/post-installed']);
        await perform('deb', [path.join(packages, `${PACKAGE}_1.0_all.deb`)]);
      });
      return made;
    })(Node1);

    const key = { privateKey: new Secret(await readFile(site.privateKeyFile, 'utf8')) };
    const target = (auth: SshTarget['auth'], hostKeys = image.hostKeys): SshTarget => ({
      ...{ host: ssh.host, port: ssh.port, username: 'ops', auth, hostKeys },
    });
    const session = await connectSsh(target(key), { signal, ...SLOW });
    await expectNode(expect, session, signal);
    await (
      await connectSsh(target({ password: new Secret(site.userPassword) }), { signal, ...SLOW })
    )[Symbol.asyncDispose]();
    const stranger = await generateKeyPair('ed25519');
    await expect(connectSsh(target(key, [stranger.publicKey]), { signal })).rejects.toMatchObject({
      code: 'SSH_HOST_KEY_MISMATCH',
    });

    await using again = await rebootNode(session, target(key), {
      ...{ signal, timeoutMs: BOOT_TIMEOUT_MS, ...SLOW },
    });
    await expectNode(expect, again, signal);
  },
);

/** Whether everything that was asked for is true on a running node. */
async function expectNode(expect: ExpectStatic, session: SshSession, signal: AbortSignal): Promise<void> {
  const run = async (command: string): Promise<string> =>
    (await session.exec(command, { signal, timeoutMs: 300_000 })).stdout.trim();
  expect(await run('id -un; hostname; cat /etc/hostname')).toBe(`ops\n${HOSTNAME}\n${HOSTNAME}`);
  expect(await run('getent hosts "$(hostname)"')).toMatch(new RegExp(`^127\\.0\\.1\\.1\\s+${HOSTNAME}$`));
  expect(await run('ip -4 -oneline address show scope global')).toMatch(
    new RegExp(`^\\d+: e\\S+\\s+inet ${ADDRESS}/24 [^\n]*$`),
  );
  expect(await run('ip -4 route show default')).toContain('via 192.168.1.1 dev e');
  expect(await run('cat /etc/resolv.conf')).toBe('nameserver 192.168.1.3');
  expect(await run('rc-status --runlevel')).toBe('default');
  expect(await run('rc-status --nocolor default')).toMatch(/^ *ssh\s+\[ +started +\]$/m);
  expect(await run('rc-status --nocolor boot')).toMatch(/^ *networking\s+\[ +started +\]$/m);
  expect(await run('rc-status --nocolor --crashed || true')).toBe('');
  expect(await run('ps -o comm= -p 1; ls -d /run/systemd/system /etc/cloud 2>/dev/null || true')).toBe(
    'init',
  );
  expect(await run("sudo stat -c '%a %u:%g' /etc/my_app/config; ls /var/lib/post-installed")).toBe(
    '640 0:0\n/var/lib/post-installed',
  );
  expect(await run(PACKAGE)).toBe('hello'); // which the plugin's own action has installed
  expect(await run(`dpkg-query -W -f '\${Status}' ${PACKAGE}`)).toBe('install ok installed');
}
