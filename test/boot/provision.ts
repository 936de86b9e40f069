import { createWriteStream } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createTuringPi, type InstalledNode, Node1, Secret } from '@turingpi/core';
import { CleanupStack } from '@turingpi/core/plugin';
import cm4 from '@turingpi/board-cm4';
import rk1 from '@turingpi/board-rk1';
import debian, { debianImage, debianOsInstaller, debianPostInstaller } from '@turingpi/os-debian';
import ubuntu, { ubuntuImage, ubuntuOsInstaller, ubuntuPostInstaller } from '@turingpi/os-ubuntu';
import type { SshTarget } from '@turingpi/runtime';
import { createQemuMachine, startVirtualBoard } from '@turingpi/testkit';
import { makeSite } from '../site/site.js';
import type { BootFamily } from './boot-families.js';

export const ADDRESS = '192.168.1.101';
export const GATEWAY = '192.168.1.1';
export const NAME_SERVER = '192.168.1.3';
export const USER = 'ops';
/** Bytes; more than the images, so that growing shows. */
export const EMMC_BYTES = 3 * 1024 ** 3;
/** Emulation on a busy machine is slow; a node that does not boot shows on its console long before. */
const BOOT_TIMEOUT_MS = 900_000;

/** A node that went through all phases, and how to reach it. */
export interface ProvisionedNode extends AsyncDisposable {
  readonly hostname: string;
  /** The public keys that were put into its image. */
  readonly hostKeys: readonly string[];
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
  const board = cleanup.use(
    'board',
    await startVirtualBoard({
      nodes: [{ board: family.board, address: ADDRESS }],
      emmcSizeBytes: EMMC_BYTES,
      clock: { scale: 100 },
      createMachine: (options) =>
        createQemuMachine({
          ...options,
          processors: 1, // two nodes boot at a time: measured, two processors each cost a quarter more
          onConsole: (text) => {
            log.write(text);
            options.onConsole(text);
          },
        }),
    }),
  );
  const site = cleanup.use('site', await makeSite());
  const secret = path.join(site.directory, 'files/secret');
  const script = path.join(site.directory, 'files/script.sh');
  await writeFile(secret, 'for my eyes\n');
  const cluster = await createTuringPi({
    ip: board.https.host,
    cacheDir: site.cacheDir,
    bmc: { port: board.https.port, password: 'turing', publicKeyPin: board.publicKeyPin },
    ssh: { privateKey: { file: site.privateKeyFile } },
    node1: { ip: ADDRESS, board: family.board, hostname, ssh: board.nodes[0]!.ssh! },
    plugins: [ubuntu, debian, rk1, cm4],
  });
  const attempts: string[] = [];
  cluster.subscribe((event) => {
    if (event.type !== 'phase:progress' || event.progress.activity !== 'wait for SSH') return;
    if (event.progress.note !== undefined) attempts.push(event.progress.note);
  });
  const system = SYSTEMS[family.os];
  let installed: InstalledNode | undefined;
  const run = cluster.run(async (context) => {
    const user = { sshKeys: [site.publicKey], passwordAuthentication: true, timezone: 'Europe/Berlin' };
    const builder = system
      .image()
      .withBaseImage(baseImage)
      .withNetworkConfig({
        ipCidr: `${ADDRESS}/24`,
        hostname,
        gateway: GATEWAY,
        dnsServers: [NAME_SERVER],
        searchDomains: ['boot.test'],
      })
      .withPreInstall(async (modifier) => {
        await modifier.writeFile('/etc/my_app/config', 'data\n', { mode: 0o640 });
        await modifier.copyLocalFile(secret, '/etc/my_app/secret', { mode: 0o600, uid: 1, gid: 1 });
        await modifier.copyLocalFile(script, '/usr/local/bin/script.sh', { mode: 0o755 });
      });
    if (family.lateCredentials !== true)
      builder.withCredentials({ username: USER, password: site.userPassword, ...user });
    installed = await system
      .installer({ username: USER, initialUserPassword: site.userPassword, bootTimeoutMs: BOOT_TIMEOUT_MS })
      .usingImage(await builder.run(context))
      .withGenericConfig(user)
      .run(context);
    await system.postInstaller().runActions(context, async (_local, remote) => {
      await remote.runCommand(['touch', '/var/lib/post-installed']);
    });
  });
  await run(Node1);
  if (!installed) throw new Error('the workflow did not run');
  const { hostKeys } = installed;
  const { host, port } = board.nodes[0]!.ssh!;
  const opened = cleanup.move();
  return {
    hostname,
    hostKeys,
    attempts,
    password: new Secret(site.userPassword),
    key: { privateKey: new Secret(await readFile(site.privateKeyFile, 'utf8')) },
    target: (auth, username = USER) => ({ host, port, username, auth, hostKeys }),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}
