import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createServer } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { createTuringPi, type InstalledNode, type NodeSummary, type TuringPiConfig } from '@turingpi/core';
import rk1Plugin from '@turingpi/board-rk1';
import { operatingSystemCases, type OperatingSystemSubject } from '@turingpi/conformance';
import { CleanupStack } from '@turingpi/foundation';
import type { Plugin } from '@turingpi/core/plugin';
import { BackendImageEngine } from '@turingpi/image';
import type { ImageBuilder, NodeAnswer, NodeQuestion, OsInstaller } from '@turingpi/provisioning';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { baseImagePath } from '@turingpi/virtual-node';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { runCli } from '../support/site/run-cli.js';
import { makeSite, type Site } from '../support/site/site.js';
import { type InstalledExample, installExample } from './install-example.js';

interface MachineConfigPackage {
  readonly machineConfig: (options: object) => Plugin;
  readonly machineConfigImage: () => ImageBuilder;
  readonly machineConfigInstaller: (options?: object) => OsInstaller;
  readonly MachineConfigOs: new (options: object) => {
    whoAnswers(question: Pick<NodeQuestion, 'node' | 'hostKeys' | 'signal'>): Promise<NodeAnswer>;
  };
}

/** What the machine of this system reads when it starts. */
interface MachineConfig {
  readonly machine: {
    readonly hostname: string;
    readonly installation: string;
    readonly network: { readonly address: string };
    readonly api: { readonly certificate: string; readonly key: string };
  };
  readonly cluster: { readonly joinSecret: string };
}

const NODE_ADDRESS = '127.0.0.21';
const JOIN_SECRET = 'join-me-7f3a';

/** The configuration on a disk, as the machine finds it. */
async function configOn(disk: string, cacheDir: string): Promise<MachineConfig> {
  const { signal } = new AbortController();
  await using image = await new BackendImageEngine().open(disk, { signal, cacheDir });
  return parse((await (await image.files(1)).readText('/machine/config.yaml'))!) as MachineConfig;
}

/** A base image of the system: a disk whose first partition says so. */
async function makeBaseImage({ directory, cacheDir }: Site): Promise<string> {
  const { signal } = new AbortController();
  const file = path.join(directory, 'machine-os.img.xz');
  await using image = await new BackendImageEngine().open(baseImagePath('rpi-debian.img.xz'), {
    ...{ signal, cacheDir },
  });
  await (await image.files(1)).writeFile('/machine/system', 'v1\n');
  await image.save(file, { format: 'xz', signal });
  return file;
}

/** A port of the node at which its system answers, with the key that is on its disk. @returns its number */
async function machineAt(read: () => Promise<MachineConfig>, port: number): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined); // whoever has heard enough hangs up
    const answer = ({ machine: { api } }: MachineConfig) => {
      const secureContext = createSecureContext({ cert: api.certificate, key: api.key });
      new TLSSocket(socket, { isServer: true, secureContext }).on('error', () => undefined);
    };
    read().then(answer, () => socket.destroy()); // nothing has started from this disk
  });
  await new Promise<void>((resolve) => server.listen(port, NODE_ADDRESS, resolve));
  onTestFinished(() => void server.close());
  return (server.address() as { port: number }).port;
}

interface Setting {
  readonly site: Site;
  readonly board: VirtualBoard;
  readonly plugin: InstalledExample;
  readonly port: number;
  readonly baseImage: string;
  readonly config: TuringPiConfig;
  readonly onDisk: () => Promise<MachineConfig>;
}

/** An RK1 on a virtual board that starts nothing: the test is its system. */
async function setting({ port: wanted = 0 } = {}): Promise<Setting> {
  const stack = new CleanupStack();
  onTestFinished(() => stack[Symbol.asyncDispose]());
  const site = stack.use('site', await makeSite());
  const board = stack.use(
    'board',
    await startVirtualBoard({
      nodes: [{ board: 'rk1' }],
      clock: { scale: 100 },
      ...{ dir: path.join(site.directory, 'board'), httpPort: 'off', boot: 'none' },
    }),
  );
  const onDisk = () => configOn(board.nodes[0]!.emmc!, site.cacheDir);
  const port = await machineAt(onDisk, wanted);
  const plugin = await installExample('os-machine-config');
  await plugin.useIn(site.directory);
  const config: TuringPiConfig = {
    ip: board.https.host,
    cacheDir: site.cacheDir,
    bmc: { port: board.https.port, password: 'turing', publicKeyPin: board.publicKeyPin },
    network: { gateway: '127.0.0.254', hostnamePattern: 'machine-{id}' },
    node1: { ip: NODE_ADDRESS, board: 'rk1', os: 'machine-config' },
  };
  return { site, board, plugin, port, baseImage: await makeBaseImage(site), config, onDisk };
}

it('is installed from a configuration file, awaited at its port, and skipped while it proves itself', async () => {
  const { site, board, config, baseImage, onDisk } = await setting({ port: 50_000 }); // that of the system
  const env = { MACHINE_JOIN_SECRET: JOIN_SECRET };
  const write = (workflow: object) =>
    writeFile(
      site.configFile,
      JSON.stringify({
        ...config,
        workflow: { baseImages: { 'machine-config': baseImage }, ...workflow },
      }),
    );
  const up = async (...options: string[]) => {
    const { exitCode, stdout, stderr } = await runCli(['up', ...options], { cwd: site.directory, env });
    return { exitCode, said: stdout + stderr };
  };

  await write({ user: { sshKeys: [site.publicKey] }, postInstall: [{ run: 'uptime' }, { reboot: true }] });
  const refused = await up('--erase', 'new');
  expect(refused.exitCode).toBe(3);
  for (const said of ['workflow.user.sshKeys', 'workflow.postInstall[0]', 'workflow.postInstall[1]'])
    expect(refused.said).toContain(said);
  await expect(onDisk()).rejects.toThrow();

  await write({});
  const first = await up('--erase', 'new');
  expect(first).toEqual({ exitCode: 0, said: expect.not.stringContaining(JOIN_SECRET) as string });
  expect(await onDisk()).toMatchObject({
    machine: { hostname: 'machine-1', network: { address: `${NODE_ADDRESS}/24` } },
    cluster: { joinSecret: JOIN_SECRET },
  });
  const second = await up();
  expect(second.exitCode).toBe(0);
  expect(second.said).toContain('nothing changed');
  const status = await runCli(['status', '--json'], { cwd: site.directory, env });
  expect(JSON.parse(status.stdout)).toMatchObject({
    nodes: {
      Node1: { os_installation: { status: 'completed' }, post_installation: { status: 'completed' } },
    },
  });
  // Nobody can shut it down over SSH, and nobody tries.
  const off = await runCli(['node', 'power', 'off', '--node', '1'], {
    cwd: site.directory,
    env: { JOIN: JOIN_SECRET },
  });
  expect(off.stdout + off.stderr).toContain('has no SSH');
  expect(board.nodes[0]!.powered).toBe(false);
}, 180_000);

it('is installed from code, and tells which installation it is', async () => {
  const { site, board, plugin, config, port, baseImage, onDisk } = await setting();
  const { machineConfig, machineConfigImage, machineConfigInstaller, MachineConfigOs } =
    await plugin.load<MachineConfigPackage>();
  let installed: InstalledNode | undefined;
  const run = async (joinSecret = JOIN_SECRET, approve?: 'new'): Promise<NodeSummary> => {
    await using cluster = await createTuringPi(
      { ...config, plugins: [machineConfig({ port, joinSecret }), rk1Plugin] },
      approve ? { approve } : {},
    );
    const { nodes } = await cluster.runAll(
      cluster.run(async (context) => {
        const image = await machineConfigImage().withBaseImage(baseImage).run(context);
        installed = await machineConfigInstaller().usingImage(image).run(context);
      }),
    );
    return nodes[0]!;
  };
  expect(await run(JOIN_SECRET, 'new')).toMatchObject({ outcome: 'completed', error: undefined });
  expect(installed).not.toHaveProperty('username');
  expect((await onDisk()).machine.installation).toBe(installed!.installationId);
  expect(await readFile(path.join(site.cacheDir, 'tpi_state.json'), 'utf8')).not.toContain(JOIN_SECRET);

  const again = await run();
  expect([again.outcome, again.phases.os_installation.outcome]).toEqual(['completed', 'skipped']);
  expect(await run('another-secret')).toMatchObject({
    outcome: 'blocked',
    error: { code: 'NEEDS_REINSTALL' },
  });

  const { signal } = new AbortController();
  const ask = (hostKeys: readonly string[]) =>
    new MachineConfigOs({ port }).whoAnswers({
      ...{ node: { ipAddress: NODE_ADDRESS } as NodeQuestion['node'], hostKeys, signal },
    });
  expect(await ask(installed!.hostKeys)).toEqual({ answer: 'expected' });
  expect(await ask([site.publicKey])).toMatchObject({ answer: 'other' });
  expect(board.nodes[0]!.powered).toBe(true);
}, 120_000);

describe('as every operating system', () => {
  const asked = { network: { hostname: 'machine', ipCidr: '127.0.0.21/24', gateway: '127.0.0.1' } };
  const subject = (plugin: Plugin, baseImage: string): OperatingSystemSubject => ({
    ...{ plugin, id: 'machine-config', board: 'rk1', baseImage, asked },
    foreignImage: baseImagePath('rk1-ubuntu.img.xz'),
    otherwise: { network: { ...asked.network, hostname: 'another' } },
    wrong: [
      {
        title: 'a user, whom nobody can log in as',
        credentials: { username: 'admin' },
        code: 'MACHINE_CONFIG_NO_USERS',
      },
    ],
  });
  let site: Site;
  let baseImage: string;
  let loaded: Promise<MachineConfigPackage> | undefined; // once: what is loaded needs its files no more
  beforeAll(async () => {
    site = await makeSite();
    baseImage = await makeBaseImage(site);
  });
  afterAll(() => site[Symbol.asyncDispose]());
  const load = async () => (await installExample('os-machine-config')).load<MachineConfigPackage>();
  const names = operatingSystemCases(subject({} as Plugin, '')).map(({ name }) => name);
  it.each(names)('%s', async (name) => {
    const { machineConfig } = await (loaded ??= load());
    const cases = operatingSystemCases(subject(machineConfig({ joinSecret: JOIN_SECRET }), baseImage));
    await cases.find((one) => one.name === name)!.run();
  });
});
