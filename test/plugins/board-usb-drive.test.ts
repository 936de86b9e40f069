import '../support/home/temporary-files-on-disk.js';
import { execFile } from 'node:child_process';
import { constants, mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { boardCases, strategyCases } from '@turingpi/conformance';
import { createTuringPi, Node1 } from '@turingpi/core';
import type { Plugin } from '@turingpi/core/plugin';
import { approveErasure, CleanupStack, silentLogger } from '@turingpi/foundation';
import { BackendImageEngine } from '@turingpi/image';
import ubuntuPlugin, { ubuntuImage, ubuntuOsInstaller } from '@turingpi/os-ubuntu';
import type { BoardDriver, InstallationRequest } from '@turingpi/provisioning';
import { baseImagePath } from '@turingpi/virtual-node';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SAMPLE_NODE } from '../support/site/sample-node.js';
import { runCli } from '../support/site/run-cli.js';
import { makeSite, usualWorkflow } from '../support/site/site.js';
import { installExample } from './install-example.js';

interface UsbDrivePackage {
  readonly UsbDriveBoard: new (options: object) => BoardDriver;
  readonly usbDrive: (options: object) => Plugin;
}

let loaded: Promise<UsbDrivePackage> | undefined;

/** The package, imported once. */
async function usbDrivePackage(): Promise<UsbDrivePackage> {
  loaded ??= installExample('board-usb-drive').then((installed) => installed.load<UsbDrivePackage>());
  return loaded;
}

/** A file with something else in it, as the drive of node 2. */
async function drive() {
  const { UsbDriveBoard } = await usbDrivePackage();
  const directory = await mkdtemp(path.join(tmpdir(), 'turingpi-usb-'));
  const file = path.join(directory, 'drive.img');
  await writeFile(file, Buffer.alloc(3 << 20, 'what was there before '));
  const board = new UsbDriveBoard({ drives: { 2: 'drive.img' }, baseDir: directory });
  return {
    ...{ board, file, directory, node: SAMPLE_NODE, disk: 'usb', strategy: board.strategies[0]! },
    written: async (lengthBytes: number) => (await readFile(file)).subarray(0, lengthBytes),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

describe('a USB drive as a board', () => {
  for (const { name, run } of boardCases({ open: drive })) it(name, run);
});

describe('the strategy that writes a USB drive', () => {
  for (const { name, run } of strategyCases({ open: drive })) it(name, run);
});

describe('a USB drive', () => {
  /** An installation of bytes that are not those of the image from the second piece on. */
  const install = async (
    opened: Awaited<ReturnType<typeof drive>>,
    request: Partial<InstallationRequest>,
  ) => {
    await using cleanup = new CleanupStack();
    const { strategy, node } = opened;
    const running = strategy.install({
      ...{ node, cleanup, logger: silentLogger, signal: new AbortController().signal },
      permit: approveErasure({ node: node.id, disk: 'usb' }),
      progress: () => undefined,
      ...request,
    } as InstallationRequest);
    return {
      error: await running.then(
        () => undefined,
        (error: unknown) => error,
      ),
    };
  };
  const imageOf = (
    pieces: () => AsyncGenerator<Buffer>,
    lengthBytes: number,
  ): InstallationRequest['image'] => ({
    record: { path: 'image.img' } as InstallationRequest['image']['record'],
    open: async () => {
      const { Readable } = await import('node:stream');
      const stream = Readable.from(pieces());
      const known = { sha256: '00', rawSizeBytes: lengthBytes, dictionaryBytes: undefined };
      return { stream, format: 'raw', lengthBytes, ...known };
    },
  });

  it('says how much of the image it holds when it is stopped on the way', async () => {
    await using opened = await drive();
    const stop = new AbortController();
    const image = imageOf(async function* () {
      yield Buffer.alloc(1000);
      yield Buffer.alloc(1000);
    }, 2000);
    const said: string[] = [];
    const progress: InstallationRequest['progress'] = ({ done, note, warning }) => {
      if (done === 1000) stop.abort(new Error('enough'));
      if (warning === true) said.push(note ?? '');
    };
    const { error } = await install(opened, { image, signal: stop.signal, progress });
    expect(error).toBe(stop.signal.reason);
    expect(said).toEqual([expect.stringContaining('1000 of 2000 bytes of the image were written')]);
  });

  it.each([
    ['ends too early', 'USB_DRIVE_INCOMPLETE', 3000],
    ['is not what was announced', 'USB_DRIVE_DIFFERENT', 2000],
  ])('fails with a code when the image %s', async (_what, code, lengthBytes) => {
    await using opened = await drive();
    const image = imageOf(async function* () {
      yield Buffer.alloc(2000);
    }, lengthBytes);
    expect((await install(opened, { image })).error).toMatchObject({ code });
  });

  it('that this computer uses otherwise than by a mount is refused, and nothing is written', async (context) => {
    await using opened = await drive();
    const run = promisify(execFile);
    const device = await run('losetup', ['--find', '--show', opened.file]).then(
      ({ stdout }) => stdout.trim(),
      () => context.skip('a block device can be made by root of a Linux only'),
    );
    await using cleanup = new CleanupStack();
    cleanup.defer('device', async () => {
      await run('losetup', ['--detach', device]);
    });
    // As LVM, RAID, LUKS and swap claim theirs.
    const { O_RDWR, O_EXCL } = constants;
    const user = await open(device, O_RDWR | O_EXCL);
    const { UsbDriveBoard } = await usbDrivePackage();
    const strategy = new UsbDriveBoard({ drives: { 2: device } }).strategies[0]!;
    const image = imageOf(async function* () {
      yield Buffer.alloc(2000);
    }, 2000);
    const permit = approveErasure({ node: 2, disk: 'usb' });
    const { error } = await install({ ...opened, strategy }, { image, permit });
    await user.close();
    expect([(error as { code?: string }).code, permit.begun]).toEqual(['USB_DRIVE_IN_USE', false]);
    expect((await opened.written(20)).toString()).toBe('what was there befor');
    const { error: written } = await install({ ...opened, strategy }, { image });
    expect(written).toMatchObject({ code: 'USB_DRIVE_DIFFERENT' }); // it was written: that is not the image's sum
  });

  it('that nobody named is no reason to begin', async () => {
    await using opened = await drive();
    const permit = approveErasure({ node: 3, disk: 'usb' });
    const { error } = await install(opened, { node: { ...SAMPLE_NODE, id: 3 }, permit });
    expect([(error as { code?: string }).code, permit.begun]).toEqual(['USB_DRIVE_UNKNOWN', false]);
  });
});

/** The file is a disk that our own drivers and the host's checks read. */
async function expectUbuntu(file: string, hostname: string): Promise<void> {
  const cacheDir = await mkdtemp(path.join(tmpdir(), 'turingpi-usb-'));
  onTestFinished(() => rm(cacheDir, { recursive: true, force: true }));
  const { signal } = new AbortController();
  await using image = await new BackendImageEngine().open(file, { signal, cacheDir });
  expect(await (await image.files()).readText('/etc/hostname')).toBe(`${hostname}\n`);
  const root = image.partitionTable.partitions.at(-1)!;
  const partition = path.join(cacheDir, 'root.ext4');
  await writeFile(
    partition,
    (await readFile(file)).subarray(root.offsetBytes, root.offsetBytes + root.sizeBytes),
  );
  await promisify(execFile)('e2fsck', ['-fn', partition]);
}

/** Where nobody answers, whatever network the test runs in: the discard service of this computer. */
const NOBODY = { host: '127.0.0.1', port: 9 };

it('is installed from a configuration file, without any board, and skipped afterwards', async () => {
  await using site = await makeSite();
  const { postInstall: _, ...workflow } = usualWorkflow(site.publicKey, site.userPassword);
  const file = path.join(site.directory, 'drive.img');
  const { stringify } = await import('yaml');
  const node1 = { ip: '192.168.1.101', board: 'usb-drive', os: 'ubuntu', ssh: NOBODY };
  const network = { gateway: '192.168.1.1', hostnamePattern: 'usb-{id}' };
  const install = { skipBootWait: true };
  const cacheDir = './cache';
  const config = { ip: '127.0.0.1', cacheDir, network, node1, workflow: { ...workflow, install } };
  await writeFile(site.configFile, stringify(config));
  await (await installExample('board-usb-drive')).useIn(site.directory);
  const up = (...options: string[]) =>
    runCli(['up', ...options], { cwd: site.directory, env: { USB_DRIVE_1: 'drive.img' } });

  const refused = await up();
  expect([refused.exitCode, refused.stderr + refused.stdout]).toEqual([
    6,
    expect.stringContaining('ERASE_NOT_APPROVED'),
  ]);
  await expect(stat(file)).rejects.toThrow();

  const first = await up('--erase', 'new');
  expect([first.exitCode, first.stderr]).toEqual([0, expect.not.stringContaining('Error')]);
  await expectUbuntu(file, 'usb-1');
  const { mtimeMs } = await stat(file);
  expect((await up()).exitCode).toBe(0);
  expect((await stat(file)).mtimeMs).toBe(mtimeMs);
});

it('is installed from code', async () => {
  const { usbDrive } = await usbDrivePackage();
  const directory = await mkdtemp(path.join(tmpdir(), 'turingpi-usb-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  await using cluster = await createTuringPi(
    {
      ip: '127.0.0.1',
      cacheDir: 'cache',
      node1: { ip: '192.168.1.101', board: 'usb-drive', hostname: 'from-code', ssh: NOBODY },
      plugins: [usbDrive({ drives: { 1: 'drive.img' } }), ubuntuPlugin],
    },
    { approve: 'new', baseDir: directory },
  );
  await cluster.run(async (context) => {
    const image = await ubuntuImage().withBaseImage(baseImagePath('rk1-ubuntu.img.xz')).run(context);
    const options = { initialUserPassword: 'change-me', skipBootWait: true };
    await ubuntuOsInstaller(options).usingImage(image).run(context);
  })(Node1);
  await expectUbuntu(path.join(directory, 'drive.img'), 'from-code');
});
