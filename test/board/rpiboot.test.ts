import '../support/home/temporary-files-on-disk.js';
import { createHash } from 'node:crypto';
import { chmod, readFile, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DEFAULT_RPIBOOT_TIMINGS, installOverUsb, type RpibootParts } from '@turingpi/board-cm4';
import { LocalUsbHost, type UsbHostPrograms } from '@turingpi/usb-host';
import { approveErasure, CleanupStack, type Progress, silentLogger } from '@turingpi/foundation';
import type { CustomizedImage } from '@turingpi/core/plugin';
import type { InstallationRequest } from '@turingpi/provisioning';
import { describe, expect, test } from 'vitest';
import { type BoardFixture, rawImage, startBoard, type TestImage } from './board-fixture.js';

const MB = 1 << 20;
const TIMINGS = { ...DEFAULT_RPIBOOT_TIMINGS, startMs: 4000, appearMs: 400, settleMs: 60, pollMs: 20 };

/** This computer, with programs of our own in place of `rpiboot` and `lsblk`. */
class StandInHost extends LocalUsbHost {
  override readonly platform: NodeJS.Platform;
  protected override readonly programs: UsbHostPrograms;

  constructor(programs: Partial<UsbHostPrograms>, platform: NodeJS.Platform = 'linux') {
    super();
    this.platform = platform;
    this.programs = {
      rpiboot: 'none',
      lsblk: 'none',
      blockdev: 'none',
      diskutil: 'none',
      plutil: 'none',
      ...programs,
    };
  }
}

interface Disk {
  readonly path: string;
  readonly size: number;
  readonly vendor?: string;
  readonly mountpoints?: readonly string[];
}

/** `lsblk` tells what a file says; `rpiboot` changes that file as a module that comes up does. */
async function standIns(
  dir: string,
  appearing: readonly Disk[],
  rpiboot = '',
): Promise<Partial<UsbHostPrograms>> {
  const listing = path.join(dir, 'disks.json');
  const entry = (disk: Disk) => ({ name: path.basename(disk.path), type: 'disk', mountpoints: [], ...disk });
  const system = entry({ path: '/dev/system', size: 1e12, mountpoints: ['/'] });
  await writeFile(listing, JSON.stringify({ blockdevices: [system] }));
  const after = JSON.stringify({ blockdevices: [system, ...appearing.map(entry)] });
  const program = async (name: string, body: string): Promise<string> => {
    const file = path.join(dir, name);
    await writeFile(file, `#!${process.execPath}\nconst fs = require('node:fs');\n${body}\n`);
    await chmod(file, 0o755);
    return file;
  };
  return {
    lsblk: await program('lsblk', `process.stdout.write(fs.readFileSync(${JSON.stringify(listing)}));`),
    rpiboot: await program(
      'rpiboot',
      rpiboot === '' ? `fs.writeFileSync(${JSON.stringify(listing)}, ${JSON.stringify(after)});` : rpiboot,
    ),
  };
}

function request(
  image: TestImage,
  given: Partial<InstallationRequest> = {},
): InstallationRequest & { seen: Progress[] } {
  const seen: Progress[] = [];
  const record: CustomizedImage = {
    path: '/images/node.img',
    format: 'raw',
    sizeBytes: image.raw.length,
    sha256: createHash('sha256').update(image.raw).digest('hex'),
    rawSizeBytes: image.raw.length,
    os: 'debian',
    hostname: 'node2',
    hostKeys: [],
    facts: {},
  };
  const config = { ip: '192.168.1.101', board: 'cm4' };
  return {
    node: {
      id: 2,
      config,
      ipAddress: config.ip,
      hostname: 'node2',
      gateway: '192.168.1.1',
      dnsServers: [],
      prefixLength: 24,
    },
    signal: new AbortController().signal,
    logger: silentLogger,
    progress: (p) => seen.push(p),
    image: { record, open: (format) => image.open(format, new AbortController().signal) },
    cleanup: new CleanupStack(),
    permit: approveErasure({ node: 2 }),
    seen,
    ...given,
  };
}

function parts(fixture: BoardFixture, host: LocalUsbHost): RpibootParts {
  return {
    bmc: fixture.client(),
    host,
    otherNodes: { isRunning: async () => true },
    timings: TIMINGS,
  };
}

/** The module's storage as this computer sees it: a regular file. */
async function storage(fixture: BoardFixture, size = 8 * MB): Promise<Disk> {
  const file = path.join(fixture.dir, 'storage');
  await writeFile(file, '');
  await truncate(file, size);
  return { path: file, size, vendor: 'RPi-MSD-' };
}

async function expectRestored(fixture: BoardFixture): Promise<void> {
  expect(fixture.board.nodes[1]!.powered).toBe(false);
  expect(await fixture.client().usb.get()).toEqual({ node: 1, mode: 'device', route: 'port', bus: 'hub' });
}

describe('installing over USB with rpiboot', () => {
  test('writes the storage that appeared, reads it back, and restores the board', async () => {
    await using fixture = await startBoard();
    const disk = await storage(fixture);
    const image = rawImage(3 * MB + 512);
    const job = request(image);
    await installOverUsb(job, parts(fixture, new StandInHost(await standIns(fixture.dir, [disk]))));
    const written = await readFile(disk.path);
    expect(written.subarray(0, image.raw.length).equals(image.raw)).toBe(true);
    expect(written.subarray(image.raw.length).every((byte) => byte === 0)).toBe(true);
    expect([...new Set(job.seen.map(({ activity }) => activity))]).toEqual([
      'start storage',
      'write',
      'verify',
    ]);
    expect(fixture.board.pinLog.join('\n')).toMatch(
      /usb_select Node 2 Flash[^]*power node2 1[^]*power node2 0[^]*usb_select Node 1 Device/,
    );
    await expectRestored(fixture);
  });

  const refusals: [string, string, (disk: Disk) => readonly Disk[]][] = [
    ['nothing appears', 'CM4_DEVICE_NOT_FOUND', () => []],
    ['only a stick appears', 'CM4_DEVICE_NOT_FOUND', (disk) => [{ ...disk, vendor: 'SanDisk' }]],
    ['two modules appear', 'CM4_DEVICE_AMBIGUOUS', (disk) => [disk, { ...disk, path: `${disk.path}2` }]],
    ['it is mounted', 'CM4_DEVICE_IN_USE', (disk) => [{ ...disk, mountpoints: ['/media/bootfs'] }]],
    ['it is too small', 'CM4_DEVICE_TOO_SMALL', (disk) => [{ ...disk, size: MB }]],
  ];
  test.each(refusals)('refuses when %s, and writes nothing', async (_name, code, appearing) => {
    await using fixture = await startBoard();
    const disk = await storage(fixture);
    const host = new StandInHost(await standIns(fixture.dir, appearing(disk)));
    await expect(installOverUsb(request(rawImage(2 * MB)), parts(fixture, host))).rejects.toMatchObject({
      code,
    });
    expect((await readFile(disk.path)).every((byte) => byte === 0)).toBe(true);
    await expectRestored(fixture);
  });

  test('bytes that do not come back as written are an error', async () => {
    await using fixture = await startBoard();
    const disk = await storage(fixture);
    const host = new StandInHost(await standIns(fixture.dir, [disk]));
    host.dropCache = async () => writeFile(disk.path, 'x', { flag: 'r+' });
    await expect(installOverUsb(request(rawImage(MB)), parts(fixture, host))).rejects.toMatchObject({
      code: 'CM4_VERIFY_FAILED',
    });
    await expectRestored(fixture);
  });

  test('rpiboot that is missing, fails or never ends is told apart, and the board restored', async () => {
    await using fixture = await startBoard();
    const run = (host: LocalUsbHost, startMs = 4000) => {
      const all = parts(fixture, host);
      return installOverUsb(request(rawImage(MB)), { ...all, timings: { ...TIMINGS, startMs } });
    };
    const good = await standIns(fixture.dir, []);
    await expect(
      run(new StandInHost({ ...good, rpiboot: path.join(fixture.dir, 'absent') })),
    ).rejects.toMatchObject({ code: 'CM4_RPIBOOT_MISSING' });
    const failing = await standIns(
      fixture.dir,
      [],
      `console.error('Failed to claim interface'); process.exit(1);`,
    );
    await expect(run(new StandInHost(failing))).rejects.toMatchObject({
      code: 'CM4_RPIBOOT_FAILED',
      message: expect.stringContaining('Failed to claim interface') as string,
    });
    const hanging = await standIns(fixture.dir, [], 'setInterval(() => undefined, 1000);');
    await expect(run(new StandInHost(hanging), 300)).rejects.toMatchObject({ code: 'CM4_RPIBOOT_FAILED' });
    await expectRestored(fixture);
  });

  test('a dry run tells the steps and touches nothing', async () => {
    await using fixture = await startBoard();
    const job = request(rawImage(MB), { dryRun: true });
    await installOverUsb(job, parts(fixture, new StandInHost({})));
    expect(job.seen.map(({ note }) => note).join('\n')).toMatch(/rpiboot[^]*write \/images\/node\.img/);
    expect(fixture.board.accessLog).toEqual([]);
  });

  test('Windows gets a clear message before anything is touched', async () => {
    await using fixture = await startBoard();
    const installing = installOverUsb(request(rawImage(MB)), parts(fixture, new StandInHost({}, 'win32')));
    await expect(installing).rejects.toMatchObject({ code: 'CM4_PLATFORM_UNSUPPORTED' });
    expect(fixture.board.accessLog).toEqual([]);
  });
});
