import { createWriteStream } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createTuringPi, type CustomizedImage, type InstalledNode } from '@turingpi/core';
import type { ImageModifier } from '@turingpi/image';
import { Node1, Secret, CleanupStack } from '@turingpi/foundation';

import cm4 from '@turingpi/board-cm4';
import rk1 from '@turingpi/board-rk1';
import debian, { debianImage, debianOsInstaller, debianPostInstaller } from '@turingpi/os-debian';
import ubuntu, { ubuntuImage, ubuntuOsInstaller, ubuntuPostInstaller } from '@turingpi/os-ubuntu';
import type { SshTarget } from '@turingpi/runtime';
import { createQemuMachine } from '@turingpi/virtual-node';
import { startVirtualBoard } from '@turingpi/virtual-board';
import { makeSite } from '../support/site/site.js';
import type { BootFamily } from './boot-families.js';
import { makePackageRepository } from './package-repository.js';

const USER = 'ops';
/** What every node is asked to have. Besides, the network around it offers DHCP and router advertisements. */
export const NETWORK = {
  ipCidr: '192.168.1.101/24',
  gateway: '192.168.1.1',
  ip6Cidr: 'fd00:77::101/64',
  gateway6: 'fd00:77::1',
  dnsServers: ['192.168.1.3', 'fd00:77::3'],
  searchDomains: ['boot.test'],
  mtu: 1440,
} as const;
const ADDRESS = '192.168.1.101';
/** That of the first node's interface, as QEMU makes it. */
const MAC_ADDRESS = '02:54:50:00:00:01';
export const TIMEZONE = 'Europe/Berlin';
/** Bytes; more than the images, so that growing shows. */
export const EMMC_BYTES = 4 * 1024 ** 3;
const VLAN_PORT = path.join(import.meta.dirname, 'vlan-port.mjs');
/** Emulation on a busy machine is slow; a node that does not boot shows on its console long before. */
const BOOT_TIMEOUT_MS = 1_800_000;

/** systemd's own patience, 90 s, is too little for disks of emulated nodes on a busy machine. */
const PATIENCE = '[Manager]\nDefaultTimeoutStartSec=15min\nDefaultDeviceTimeoutSec=15min\n';

/** A node that went through all phases, and how to reach it. */
export interface ProvisionedNode extends AsyncDisposable {
  readonly hostname: string;
  /** The public keys that were put into its image. */
  readonly hostKeys: readonly string[];
  readonly username: string;
  readonly password: Secret;
  /** What every attempt to reach the node said before it was up. */
  readonly attempts: readonly string[];
  readonly target: (auth: SshTarget['auth'], username?: string) => SshTarget;
  /** The site's key, which the image lets in. */
  readonly key: SshTarget['auth'];
}

const SYSTEMS = {
  ubuntu: { image: ubuntuImage, installer: ubuntuOsInstaller, postInstaller: ubuntuPostInstaller },
  debian: { image: debianImage, installer: debianOsInstaller, postInstaller: debianPostInstaller },
} as const;

/**
 * Takes one node from a base image to a configured machine: the product's own way, on a board with real boots.
 *
 * @param consoleFile - gets everything that the node's serial console prints
 */
export async function provision(
  family: BootFamily,
  baseImage: string,
  consoleFile: string,
): Promise<ProvisionedNode> {
  await using cleanup = new CleanupStack();
  const hostname = `boot-${family.name}`.slice(0, 40);
  await mkdir(path.dirname(consoleFile), { recursive: true });
  const log = createWriteStream(consoleFile);
  cleanup.defer('console log', () => log.close());
  const site = cleanup.use('site', await makeSite());
  const qemu = family.vlan === undefined ? undefined : await emulatorInVlan(family.vlan, site.directory);
  const board = cleanup.use(
    'board',
    await startVirtualBoard({
      nodes: [{ board: family.board, address: ADDRESS }],
      emmcSizeBytes: EMMC_BYTES,
      clock: { scale: 100 },
      createMachine: (options) =>
        createQemuMachine({
          ...options,
          ...(qemu !== undefined && { qemu }),
          processors: 1, // two nodes boot at a time: measured, two processors each cost a quarter more
          onConsole: (text) => {
            log.write(text);
            options.onConsole(text);
          },
        }),
    }),
  );
  const secret = path.join(site.directory, 'files/secret');
  const script = path.join(site.directory, 'files/script.sh');
  const repository = family.packages && path.join(site.directory, 'packages');
  if (repository !== undefined) await makePackageRepository(repository);
  await writeFile(secret, 'for my eyes\n');
  const cluster = await createTuringPi(
    {
      ip: board.https.host,
      cacheDir: site.cacheDir,
      bmc: { port: board.https.port, password: 'turing', publicKeyPin: board.publicKeyPin },
      ssh: { privateKey: { file: site.privateKeyFile } },
      node1: { ip: ADDRESS, board: family.board, hostname, ssh: board.nodes[0]!.ssh! },
      plugins: [ubuntu, debian, rk1, cm4],
    },
    { approve: 'all' },
  );
  const attempts: string[] = [];
  cluster.subscribe((event) => {
    if (event.type !== 'phase:progress' || event.progress.activity !== 'wait for SSH') return;
    if (event.progress.note !== undefined) attempts.push(event.progress.note);
  });
  const system = SYSTEMS[family.os];
  let image: CustomizedImage | undefined;
  let installed: InstalledNode | undefined;
  const run = cluster.run(async (context) => {
    const settings = {
      ...{ passwordAuthentication: true, timezone: TIMEZONE },
      ...(family.locale !== undefined && { locale: family.locale }),
      ...(family.packages && { packages: family.packages }),
    };
    const user = { sshKeys: [site.publicKey], ...settings };
    const builder = system
      .image()
      .withBaseImage(baseImage)
      .withNetworkConfig({
        ...{ ...NETWORK, hostname },
        ...(family.vlan !== undefined && { vlan: family.vlan }),
        ...(family.byMacAddress && { macAddress: MAC_ADDRESS }),
      })
      .withPreInstall(async (modifier) => {
        await modifier.writeFile('/etc/my_app/config', 'data\n', { mode: 0o640 });
        await modifier.copyLocalFile(secret, '/etc/my_app/secret', { mode: 0o600, uid: 1, gid: 1 });
        await modifier.copyLocalFile(script, '/usr/local/bin/script.sh', { mode: 0o755 });
        await modifier.writeFile('/etc/systemd/system.conf.d/emulated.conf', PATIENCE);
        if (repository !== undefined) await useRepository(modifier, repository);
      });
    if (family.firstLogin) builder.withCredentials(settings);
    else if (!family.lateCredentials)
      builder.withCredentials({ username: USER, password: site.userPassword, ...user });
    image = await builder.run(context);
    installed = await system
      .installer({
        ...(family.firstLogin ? { firstLogin: {} } : { username: USER }),
        initialUserPassword: site.userPassword,
        bootTimeoutMs: BOOT_TIMEOUT_MS,
      })
      .usingImage(image)
      .withGenericConfig(user)
      .run(context);
    await system.postInstaller().runActions(context, async (_local, remote) => {
      await remote.runCommand(['touch', '/var/lib/post-installed']);
    });
  });
  await run(Node1);
  if (!image || !installed) throw new Error('the workflow did not run');
  const { hostKeys } = image; // also when the installer had to make the image again
  const { username: user = 'root' } = installed;
  const { host, port } = board.nodes[0]!.ssh!;
  const opened = cleanup.move();
  return {
    hostname,
    hostKeys,
    attempts,
    username: user,
    password: new Secret(site.userPassword),
    key: { privateKey: new Secret(await readFile(site.privateKeyFile, 'utf8')) },
    target: (auth, username = user) => ({ host, port, username, auth, hostKeys }),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

/** Makes a repository in the image the only one: the network around the node has none. */
async function useRepository(image: ImageModifier, repository: string): Promise<void> {
  await image.copyLocalDirectory(repository, '/srv/packages');
  await image.writeFile('/etc/apt/sources.list', 'deb [trusted=yes] file:/srv/packages ./\n');
  if (await image.exists('/etc/cloud/cloud.cfg.d'))
    await image.writeFile('/etc/cloud/cloud.cfg.d/50-sources.cfg', 'apt: {preserve_sources_list: true}\n');
}

/** Makes an emulator whose nodes hang on a port that carries one VLAN. @returns Its path. */
async function emulatorInVlan(vlan: number, directory: string): Promise<string> {
  const file = path.join(directory, 'qemu');
  await writeFile(
    file,
    `#!/bin/sh\nexec '${process.execPath}' '${VLAN_PORT}' ${vlan} qemu-system-x86_64 "$@"\n`,
  );
  await chmod(file, 0o755);
  return file;
}
