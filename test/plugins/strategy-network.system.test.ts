import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { Rk1Driver } from '@turingpi/board-rk1';
import { strategyCases } from '@turingpi/conformance';
import type { ClusterConfig, Extensions } from '@turingpi/core/plugin';
import {
  BackendImageEngine,
  MemoryDisk,
  openImageDisk,
  OverlayDisk,
  readPartitionTable,
} from '@turingpi/image';
import { GPT_HEAD_BYTES, GPT_TAIL_BYTES, usedRanges } from '@turingpi/image/parts';
import { NetworkStrategy } from '@turingpi/install-network';
import type { BoardDriver, InstallationStrategy } from '@turingpi/provisioning';
import { INSTALL_SCRIPT, ServedImage } from '@turingpi/install-network/served';
import { startVirtualBoard } from '@turingpi/virtual-board';
import { baseImagePath } from '@turingpi/virtual-node';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { TrialInstallation } from '../../packages/conformance/src/board/trial-installation.js';
import { installOverNetwork } from '../../packages/install-network/src/strategy/install-over-network.js';
import { DEFAULT_NETWORK_TIMINGS } from '../../packages/install-network/src/strategy/network-timings.js';
import { InstallerCache } from '../../packages/install-network/src/strategy/installer-cache.js';
import { moduleHardware } from '../../packages/install-network/src/base/module-hardware.js';
import { emmcBytes, startBoard } from '../board/board-fixture.js';
import { runCli } from '../support/site/run-cli.js';
import { SAMPLE_NODE } from '../support/site/sample-node.js';
import { makeSite, type Site, type SiteBoard, usualWorkflow } from '../support/site/site.js';

const EXAMPLE = path.resolve(import.meta.dirname, '../../examples/network.yaml');
const PACKAGE = path.resolve(import.meta.dirname, '../../packages/install-network');
const RELEASE = '5.10.160-rockchip';
const PROGRAMS = 'cat curl dd ip mkdir mount readlink rm sha256sum sleep sync wc xz'.split(' ');
const signal = new AbortController().signal;
const hasPrograms = ['curl', 'xz'].every((name) => spawnSync(name, ['--version']).error === undefined);

let directory: string;
let base: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'strategy-network-'));
  base = path.join(directory, 'base.img.xz');
  await makeBootable(baseImagePath('rk1-ubuntu.img.xz'), base);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** Gives the picture of a system what a boot loader and an installer look for; nothing of it runs. */
async function makeBootable(from: string, to: string): Promise<void> {
  const program = Buffer.alloc(64);
  program.write('\x7fELF\x02\x01\x01', 0, 'latin1'); // static: it needs nothing
  program.writeUInt16LE(183, 18);
  await using image = await new BackendImageEngine().open(from, { cacheDir: directory, signal });
  const root = await image.files();
  for (const name of PROGRAMS) await root.writeFile(`/usr/bin/${name}`, program, { mode: 0o755 });
  const modules = `/lib/modules/${RELEASE}`;
  await root.writeFile(`${modules}/modules.dep`, 'kernel/net/dwmac-rk.ko:\n');
  await root.writeFile(`${modules}/kernel/net/dwmac-rk.ko`, 'a driver');
  await root.writeFile(`/boot/vmlinuz-${RELEASE}`, 'a kernel');
  await root.writeFile(`/boot/initrd.img-${RELEASE}`, gzipSync('an initrd'));
  await root.writeFile('/boot/dtbs/rk3588-turing-rk1.dtb', 'a device tree');
  await root.writeFile(
    '/boot/extlinux/extlinux.conf',
    `label l0\nlinux /boot/vmlinuz-${RELEASE}\ninitrd /boot/initrd.img-${RELEASE}\nfdtdir /boot/dtbs\n`,
  );
  await image.save(to, { format: 'xz', signal });
}

/** Installs with an installer of a base that is there, whatever it installs. */
function trialStrategy(
  board: Rk1Driver,
  strategy: NetworkStrategy,
  { cacheDir }: ClusterConfig,
  installerIsRun: boolean,
): InstallationStrategy {
  const module = moduleHardware('rk1')!;
  const cache = new InstallerCache();
  const installers: Pick<InstallerCache, 'of'> = {
    of: (_key, _path, wanted, reading) => cache.of('trial', base, wanted, reading),
  };
  return {
    id: strategy.id,
    summary: strategy.summary,
    install: (request) =>
      request.dryRun === true
        ? strategy.install(request)
        : installOverNetwork(request, {
            ...{ board, module, installers, cacheDir },
            flash: board.strategies[0]!,
            timings: { ...DEFAULT_NETWORK_TIMINGS, callHomeMs: installerIsRun ? 20_000 : 1500 },
            serveAddress: '127.0.0.1',
          }),
  };
}

/** A module in slot 2 of a virtual board that runs installers, and the strategy for it. */
async function opened(installerScript: string | undefined) {
  const fixture = await startBoard({
    nodes: [{ board: undefined }, { board: 'rk1' }],
    ...(installerScript !== undefined && { installerScript }),
  });
  const config = {
    nodes: new Map([[2, SAMPLE_NODE.config]]),
    cacheDir: path.join(fixture.dir, 'cache'),
  } as unknown as ClusterConfig;
  const board = new Rk1Driver(fixture.client(), config);
  const extensions = { get: () => board } as unknown as Extensions;
  return {
    fixture,
    strategy: trialStrategy(
      board,
      new NetworkStrategy(extensions, config),
      config,
      installerScript !== undefined,
    ),
    node: SAMPLE_NODE,
    written: (lengthBytes: number) => emmcBytes(fixture.board, 2, lengthBytes),
    isOn: () => fixture.board.nodes[1]!.powered,
    [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose](),
  };
}

/** All that is in use of an image is on a disk, but for the partition table, whose copy is at the end of that very disk. */
async function expectOnDisk(image: string, emmc: Buffer): Promise<void> {
  await using made = await openImageDisk(image, { cacheDir: directory, signal });
  await using overlay = new OverlayDisk(made.disk, { cacheDir: directory });
  const { sizeBytes } = made.disk;
  expect(emmc.length).toBeGreaterThan(sizeBytes);
  for (const { offset, length } of await usedRanges(overlay)) {
    const from = Math.max(offset, GPT_HEAD_BYTES);
    const to = Math.min(offset + length, sizeBytes - GPT_TAIL_BYTES);
    if (to > from) expect(emmc.subarray(from, to).equals(await made.disk.read(from, to - from))).toBe(true);
  }
  const table = await readPartitionTable(new MemoryDisk(emmc));
  expect(table).not.toHaveProperty('notes');
  expect(table.partitions).toEqual((await readPartitionTable(overlay)).partitions);
}

/** A folder in which the example's way to install is chosen, and its package is installed. */
async function configure(
  site: Site,
  board: SiteBoard,
  baseImage: string,
  install: { readonly strategy?: string; readonly target?: string } = {},
): Promise<void> {
  const example = parse(await readFile(EXAMPLE, 'utf8')) as {
    readonly workflow: { readonly install: object };
  };
  await site.configure(board, {
    workflow: {
      ...usualWorkflow(site.publicKey, site.userPassword),
      baseImages: { ubuntu: baseImage },
      install: { ...example.workflow.install, ...install },
      postInstall: [], // would change what is compared
    },
  });
  const dependencies = { '@turingpi/install-network': '*' };
  await writeFile(path.join(site.directory, 'package.json'), JSON.stringify({ dependencies }));
  await rm(path.join(site.directory, 'node_modules'), { recursive: true, force: true });
  await mkdir(path.join(site.directory, 'node_modules/@turingpi'), { recursive: true });
  await symlink(PACKAGE, path.join(site.directory, 'node_modules/@turingpi/install-network'), 'junction');
}

it('says before any work that no installer can be made of the base image, and what to use instead', async () => {
  await using site = await makeSite();
  await using board = await startVirtualBoard({ nodes: [{ board: 'rk1' }], httpPort: 'off', boot: 'none' });
  await configure(site, board, baseImagePath('rk1-ubuntu.img.xz'));
  const plan = await runCli(['plan', '--json'], { cwd: site.directory });
  expect(plan.stdout).toMatch(/INSTALLER_\w+/);
  const up = await runCli(['up', '--erase', 'new', '--json'], { cwd: site.directory });
  expect(up.exitCode).not.toBe(0);
  expect(up.stdout + up.stderr).toMatch(/INSTALLER_\w+[\s\S]*Use the strategy `flash`/);
  expect(up.stdout).not.toContain('image_customization');
});

it('tells in the doctor how a node sees this computer, and whether a firewall would keep it away', async () => {
  await using site = await makeSite();
  await using board = await startVirtualBoard({ nodes: [{ board: 'rk1' }], httpPort: 'off', boot: 'none' });
  await configure(site, board, base);
  const doctor = await runCli(['doctor', '--node', '1', '--json'], { cwd: site.directory });
  const { findings } = JSON.parse(doctor.stdout) as {
    readonly findings: readonly { readonly code: string }[];
  };
  expect(findings.filter(({ code }) => code === 'NODE_ROUTE' || code === 'NODE_FIREWALL')).toMatchObject([
    { code: 'NODE_ROUTE', severity: 'note' },
    { code: 'NODE_FIREWALL', severity: 'note', message: expect.stringContaining('firewall') as string },
  ]);
});

it('names in the plan every disk that is erased, and refuses one that the module does not have', async () => {
  await using site = await makeSite();
  await using board = await startVirtualBoard({ nodes: [{ board: 'rk1' }], httpPort: 'off', boot: 'none' });
  await configure(site, board, base, { target: 'nvme:S4EW' });
  const plan = await runCli(['plan'], { cwd: site.directory });
  expect(plan.stdout).toContain('erases its emmc, nvme:S4EW: ');
  expect(plan.stdout.replace(/\s+/g, ' ')).toContain('known only in a run: partitions of the NVMe S4EW');
  await configure(site, board, base, { target: 'sata' });
  const refused = await runCli(['plan'], { cwd: site.directory });
  expect(refused.exitCode).toBe(3);
  expect(refused.stderr).toMatch(/install\.target[^]*"sata"[^]*STRATEGY_TARGET_UNKNOWN/);
});

describe.skipIf(!hasPrograms)('the strategy that goes over the network (needs curl and xz)', () => {
  const cases = strategyCases({
    open: () => opened(INSTALL_SCRIPT),
  });
  for (const { name, run } of cases) it(name, run);

  it('flashes the whole image when nothing was seen of the installer, and says so', async () => {
    await using node = await opened(undefined);
    const said: string[] = [];
    const trial = new TrialInstallation(node);
    await trial.install({ progress: ({ note = '' }) => void said.push(note) });
    expect((await node.written(trial.raw.length)).equals(trial.raw)).toBe(true);
    expect(said.join('\n')).toMatch(/not let in .*of this computer.*flashed through the BMC instead/);
    expect(node.isOn()).toBe(false);
  });

  it('tells why the installer gave up, and flashes nothing over what it may have begun', async () => {
    await using node = await opened(INSTALL_SCRIPT);
    const trial = new TrialInstallation(node);
    vi.spyOn(ServedImage.prototype, 'planFor').mockResolvedValue({
      text: 'refused it is full moon\nend\n',
      parcels: [],
    });
    await expect(trial.install()).rejects.toMatchObject({
      code: 'INSTALLER_FAILED',
      message: expect.stringContaining('it is full moon') as string,
    });
    expect((await node.written(trial.raw.length)).equals(trial.raw)).toBe(false);
    expect(node.isOn()).toBe(true); // for whoever looks at its console
  });

  it('is for the modules that it knows', () => {
    const strategy = new NetworkStrategy({} as Extensions, {} as ClusterConfig);
    for (const id of ['rk1', 'cm4', 'usb-drive']) {
      const board = { id } as BoardDriver;
      expect(strategy.supports(board)).toBe(moduleHardware(id) !== undefined);
    }
  });

  it('is chosen for one run by the command, and the node is as its configuration says all the same', async () => {
    await using site = await makeSite();
    await using board = await startVirtualBoard({
      nodes: [{ board: 'rk1' }],
      httpPort: 'off',
      emmcSizeBytes: 96 << 20,
      bringUpMs: 500,
      installerScript: INSTALL_SCRIPT,
    });
    await configure(site, board, base, { strategy: 'flash' });
    const options = { cwd: site.directory, env: { TURINGPI_SERVE_ADDRESS: '127.0.0.1' } };
    const unknown = await runCli(['up', '--erase', 'new', '--install', 'network2'], options);
    expect(unknown.stderr).toMatch(/STRATEGY_UNKNOWN[^]*It has: flash, network/);
    const up = await runCli(['up', '--erase', 'new', '--json', '--install', 'network'], options);
    expect(up.exitCode).toBe(0);
    expect(up.stdout).toContain('the node reads back what it wrote');
    const plan = await runCli(['plan'], options);
    expect(plan.stdout).toContain('Nothing to do.');
  });

  it('brings two nodes up, each from its own image, as a plugin that a configuration file chooses', async () => {
    await using site = await makeSite();
    await using board = await startVirtualBoard({
      nodes: [{ board: 'rk1' }, { board: 'rk1' }],
      dir: path.join(site.directory, 'board'),
      httpPort: 'off',
      emmcSizeBytes: 96 << 20,
      bringUpMs: 500,
      installerScript: INSTALL_SCRIPT,
    });
    await configure(site, board, base);
    const environment = { TURINGPI_SERVE_ADDRESS: '127.0.0.1' };
    const up = await runCli(['up', '--erase', 'new', '--json'], { cwd: site.directory, env: environment });
    expect(up.stderr).not.toContain('Error');
    expect(up.exitCode).toBe(0);
    expect(up.stdout).toContain('the node reads back what it wrote');
    expect(up.stdout).not.toContain('flash instead');
    const state = JSON.parse(await readFile(path.join(site.cacheDir, 'tpi_state.json'), 'utf8')) as Record<
      string,
      { readonly image_customization: { readonly output_image_path: string } }
    >;
    for (const id of [1, 2]) {
      const image = state[`Node${id}`]!.image_customization.output_image_path;
      const emmc = await readFile(path.join(site.directory, 'board', `node${id}.emmc`));
      await expectOnDisk(path.resolve(site.cacheDir, image), emmc);
    }
    const again = await runCli(['up', '--json'], { cwd: site.directory, env: environment });
    expect(again.exitCode).toBe(0);
  });
});
