import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import rk1 from '@turingpi/board-rk1';
import { createTuringPi, type CustomizedImage } from '@turingpi/core';
import { CleanupStack, type NodeId, Secret } from '@turingpi/foundation';
import network from '@turingpi/install-network';
import debian, { debianImage, debianOsInstaller } from '@turingpi/os-debian';
import type { SshTarget } from '@turingpi/runtime';
import { startVirtualBoard } from '@turingpi/virtual-board';
import { createQemuMachine, type NodeMachine } from '@turingpi/virtual-node';
import { DEFAULT_NETWORK_TIMINGS } from '../../packages/install-network/src/strategy/network-timings.js';
import { differencesOnDisk } from '../support/site/differences-on-disk.js';
import { makeSite } from '../support/site/site.js';
import { makeEmulator } from './boot-emulator.js';
import { BootOrderTypist } from './boot-order-typist.js';

const EMMC_BYTES = 2 * 1024 ** 3;
/** That of this computer in the network that QEMU simulates around a node. */
const SERVER = '192.168.1.1';
/** As a node without an NVMe calls it; ifupdown wants the name of the port that a VLAN is on. */
const PORT_NAME = 'enp0s1';
const BOOT_TIMEOUT_MS = 1_800_000;
/** Several emulated processors share one. */
const PATIENT_TIMINGS = { callHomeMs: 1_200_000, silenceMs: 1_800_000, powerOffMs: 120_000 };
/** Emulated disks on a busy machine are slower than systemd's own patience. */
const PATIENCE = '[Manager]\nDefaultTimeoutStartSec=15min\nDefaultDeviceTimeoutSec=15min\n';

/** A node that installed itself. */
export interface SelfInstalledNode {
  readonly address: string;
  readonly image: CustomizedImage;
  /** File that is its eMMC. */
  readonly emmc: string;
  /** What of the image was not on the disk, each time that the node was switched on. */
  readonly differences: readonly (readonly string[])[];
  /** Directory with all that went through its network port, a capture file for each time that it was switched on. */
  readonly wire: string;
  readonly target: SshTarget;
}

/** A node, and how it is installed. */
export interface TrialNode {
  readonly id: NodeId;
  /** Default: the eMMC. */
  readonly target?: string;
  /** What it has besides its eMMC. */
  readonly nvme?: {
    readonly serial: string;
    /** Of the boot loader, as QEMU calls its disks. */
    readonly bootOrder: readonly ['virtio0', 'nvme0'] | readonly ['nvme0', 'virtio0'];
    /** Makes what is on it. */
    readonly fill: (file: string) => Promise<void>;
  };
  /** The only one that its port carries, and that its system is to use. */
  readonly vlan?: number;
}

/** How nodes are installed. */
export interface NetworkTrial {
  readonly nodes: readonly TrialNode[];
  readonly baseImage: string;
  /** Begin of the names of the files that get what the nodes' serial consoles print. */
  readonly consoleFile: string;
}

/** Nodes of a board, installed by the strategy `network`. */
export interface SelfInstalledNodes extends AsyncDisposable {
  readonly nodes: readonly SelfInstalledNode[];
  /** What the installations let know. */
  readonly notes: readonly string[];
  /** What is in every image, and nobody else's business. */
  readonly secret: string;
}

/** Installs nodes over the network, from a base image to SSH: the product's own way, on a board whose nodes really boot. */
export async function installOverNetwork({
  nodes,
  baseImage,
  consoleFile,
}: NetworkTrial): Promise<SelfInstalledNodes> {
  await using cleanup = new CleanupStack();
  Object.assign(DEFAULT_NETWORK_TIMINGS, PATIENT_TIMINGS);
  await mkdir(path.dirname(consoleFile), { recursive: true });
  const site = cleanup.use('site', await makeSite());
  const images = new Map<number, CustomizedImage>();
  const emmcs = new Map<number, string>();
  const differences = new Map<number, string[][]>(nodes.map(({ id }) => [id, []]));
  const addressOf = (id: NodeId) => `192.168.1.${100 + id}`;
  const wireOf = (id: NodeId) => path.join(site.directory, `wire${id}`);
  const nvmePath = (id: NodeId) => path.join(site.directory, `nvme${id}`);
  const board = cleanup.use(
    'board',
    await startVirtualBoard({
      nodes: nodes.map(({ id }) => ({ board: 'rk1', address: addressOf(id) })),
      emmcSizeBytes: EMMC_BYTES,
      clock: { scale: 100 },
      createMachine: async (options) => {
        const { slot, emmcPath } = options;
        const { nvme, vlan } = nodes[slot - 1]!;
        emmcs.set(slot, emmcPath);
        await nvme?.fill(nvmePath(slot));
        const log = createWriteStream(`${consoleFile}${slot}.log`);
        cleanup.defer('console log', () => log.close());
        const typist = nvme && new BootOrderTypist(nvme.bootOrder, (text) => machine.sendConsole(text));
        const machine = await createQemuMachine({
          ...options,
          architecture: 'arm64',
          qemuArm64: await makeEmulator({
            ...{ program: path.join(site.directory, `qemu${slot}`), wire: wireOf(slot), vlan },
          }),
          processors: 1,
          ...(nvme && { nvme: { path: nvmePath(slot), serial: nvme.serial } }),
          onConsole: (text) => {
            log.write(text);
            options.onConsole(text);
            typist?.read(text);
          },
        });
        return attended(machine, typist, async () => {
          const disk = nvme ? nvmePath(slot) : emmcPath;
          const found = await differencesOnDisk(images.get(slot)!.path, disk, site.cacheDir);
          differences.get(slot)!.push(found);
        });
      },
    }),
  );
  process.env['TURINGPI_SERVE_ADDRESS'] = SERVER;
  cleanup.defer('address', () => {
    delete process.env['TURINGPI_SERVE_ADDRESS'];
  });
  const declared = nodes.map(({ id }) => {
    const node = { ip: addressOf(id), board: 'rk1', hostname: `self-${id}` };
    return [`node${id}`, { ...node, ssh: board.nodes[id - 1]!.ssh! }] as const;
  });
  const cluster = await createTuringPi(
    {
      ip: board.https.host,
      cacheDir: site.cacheDir,
      bmc: { port: board.https.port, password: 'turing', publicKeyPin: board.publicKeyPin },
      ssh: { privateKey: { file: site.privateKeyFile } },
      ...Object.fromEntries(declared),
      plugins: [debian, rk1, network],
    },
    { approve: 'all' },
  );
  const notes: string[] = [];
  cluster.subscribe((event) => {
    if (event.type !== 'phase:progress') return;
    notes.push(`${event.progress.activity}: ${event.progress.note ?? ''}`);
  });
  const secret = `${site.userPassword} and more that is nobody's business`;
  const user = { sshKeys: [site.publicKey] };
  const run = cluster.run(async (context) => {
    const { id } = context.node;
    const { target, vlan } = nodes[id - 1]!;
    const image = await debianImage()
      .withBaseImage(baseImage)
      .withNetworkConfig({
        ...{ ipCidr: `${addressOf(id)}/24`, gateway: SERVER, dnsServers: ['192.168.1.3'] },
        hostname: `self-${id}`,
        ...(vlan !== undefined && { vlan, interfaceName: PORT_NAME }),
      })
      .withPreInstall(async (modifier) => {
        await modifier.writeFile('/etc/secret', secret, { mode: 0o600 });
        await modifier.writeFile('/etc/systemd/system.conf.d/emulated.conf', PATIENCE);
      })
      .withCredentials({ username: 'ops', password: site.userPassword, ...user })
      .run(context);
    images.set(id, image);
    await debianOsInstaller({
      ...{ strategy: 'network', username: 'ops', bootTimeoutMs: BOOT_TIMEOUT_MS },
      ...(target !== undefined && { target }),
    })
      .usingImage(image)
      .withGenericConfig(user)
      .run(context);
  });
  await Promise.all(nodes.map(({ id }) => run(id)));
  const privateKey = new Secret(await readFile(site.privateKeyFile, 'utf8'));
  const opened = cleanup.move();
  return {
    notes,
    secret,
    nodes: nodes.map(({ id }) => {
      const image = images.get(id)!;
      const auth = { privateKey };
      return {
        ...{ address: addressOf(id), image, differences: differences.get(id)!, wire: wireOf(id) },
        emmc: emmcs.get(id)!,
        target: { ...board.nodes[id - 1]!.ssh!, username: 'ops', auth, hostKeys: image.hostKeys },
      };
    }),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

/** A machine whose owner sits at its console, and whose disk is looked at before it is switched on. */
function attended(
  machine: NodeMachine,
  typist: BootOrderTypist | undefined,
  look: () => Promise<void>,
): NodeMachine {
  return {
    ssh: machine.ssh,
    powerOn: async () => {
      await look();
      typist?.starts();
      await machine.powerOn();
    },
    powerOff: () => machine.powerOff(),
    sendConsole: (data) => {
      typist?.someoneElseTypes();
      // A virtio disk stands for the eMMC, for which the boot loader of this machine has no driver.
      machine.sendConsole(data.replace('mmc0', 'virtio0'));
    },
    [Symbol.asyncDispose]: () => machine[Symbol.asyncDispose](),
  };
}
