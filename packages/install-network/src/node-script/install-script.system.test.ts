import { spawnSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryDisk, openFat, PartitionDisk, readPartitionTable } from '@turingpi/image';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DiskApproval, DiskAtNode, NodeSign } from '../server/admission.js';
import { ImageServer } from '../server/image-server.js';
import { type NodePlan, ServedImage } from '../served/served-image.js';
import { CuttingProxy } from './cutting-proxy.fixture.js';
import { type NodeEnd, type NodeRun, runInstaller } from './installed-disk.fixture.js';
import { makePulledImage } from './pulled-image.fixture.js';

const MIB = 1024 * 1024;
const DISK_BYTES = 80 * MIB + 512 * 7;
const SHELLS = [['dash'], ['busybox', 'ash'], ['bash', '--posix']].filter(
  ([program = '']) => spawnSync(program, ['-c', 'true']).error === undefined,
);
const hasPrograms = ['curl', 'xz'].every((name) => spawnSync(name, ['--version']).error === undefined);
const signal = new AbortController().signal;
const kernel = randomBytes(5 * MIB);
const diskId = randomUUID();

let directory: string;
let image: ServedImage;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'installer-'));
  const path = await makePulledImage(directory, { diskId, kernel });
  image = await ServedImage.open(path, { cacheDir: directory, signal });
});
afterAll(async () => {
  await image[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

async function install(
  run: Partial<NodeRun> & { readonly through?: (port: number) => Promise<CuttingProxy> } = {},
  served: Pick<ServedImage, 'planFor'> = image,
  approve?: DiskApproval,
): Promise<NodeEnd & { readonly signs: readonly NodeSign[]; readonly token: string }> {
  const signs: NodeSign[] = [];
  await using server = await ImageServer.listen({ host: '127.0.0.1' });
  const { token } = server.admit(served, (sign) => void signs.push(sign), approve);
  const proxy = await run.through?.(server.port);
  try {
    const end = await runInstaller({
      shell: SHELLS[0] ?? ['sh'],
      directory: await mkdtemp(join(directory, 'node-')),
      port: proxy?.port ?? server.port,
      publicKeyPin: server.publicKeyPin,
      token,
      diskBytes: DISK_BYTES,
      ...run,
    });
    return { ...end, signs, token };
  } finally {
    await proxy?.[Symbol.asyncDispose]();
  }
}

async function expectInstalled({ exitCode, console, disk, signs }: Awaited<ReturnType<typeof install>>) {
  expect(console).toMatch(/done$/);
  expect(exitCode).toBe(0);
  expect(signs.at(-1)).toEqual({ sign: 'report', state: 'done' });
  const written = new MemoryDisk(await readFile(disk));
  expect(written.sizeBytes).toBe(DISK_BYTES);
  const table = await readPartitionTable(written); // with notes, were the copy not at the end of this very disk
  expect(table).toMatchObject({ scheme: 'gpt', diskId });
  expect(table).not.toHaveProperty('notes');
  expect(written.bytes.toString('latin1', 64 * 512, 64 * 512 + 11)).toBe('boot loader');
  await using files = await openFat(new PartitionDisk(written, 16 * MIB, 40 * MIB));
  expect((await files.readFile('/kernel')).equals(kernel)).toBe(true);
}

/** The disk as it was when nothing of it may have changed that a boot would take for a system. */
async function expectNotBootable({ disk }: NodeEnd): Promise<void> {
  expect((await readFile(disk)).subarray(512, 520).toString('latin1')).not.toBe('EFI PART');
}

function altered(change: (plan: NodePlan) => NodePlan): Pick<ServedImage, 'planFor'> {
  return { planFor: async (bytes) => change(await image.planFor(bytes)) };
}

describe.skipIf(!hasPrograms)('the installer on a node (needs curl and xz)', () => {
  it.each(SHELLS.map((shell) => ({ name: shell.join(' '), shell })))(
    'brings the image onto a larger disk, by $name',
    async ({ shell }) => {
      await expectInstalled(await install({ shell }));
    },
  );

  it('goes on where a connection broke, again and again', async () => {
    let proxy: CuttingProxy | undefined;
    const through = async (port: number) =>
      (proxy = await CuttingProxy.start(port, (n) => (n >= 2 && n < 10 ? 700_000 : undefined)));
    const installed = await install({ through });
    await expectInstalled(installed);
    expect(proxy?.cuts).toBeGreaterThan(3);
    const sent = installed.signs.reduce((sum, sign) => sum + (sign.sign === 'sent' ? sign.bytes : 0), 0);
    expect(sent).toBeLessThan(image.transferBytes + 12 * MIB); // what was under way, and not all again
  });

  it('shows nothing of the image, and not its token, to whoever listens', async () => {
    let proxy: CuttingProxy | undefined;
    const through = async (port: number) => (proxy = await CuttingProxy.start(port, () => undefined));
    const { exitCode, token } = await install({ through });
    expect(exitCode).toBe(0);
    const seen = proxy!.seen;
    expect(seen.length).toBeGreaterThan(image.transferBytes);
    for (const secret of [kernel.subarray(2 * MIB, 2 * MIB + 32), token, 'turingpi-plan', 'EFI PART'])
      expect(seen.includes(secret)).toBe(false);
  });

  it('accepts nothing with another digest, and leaves the disk without a partition table', async () => {
    const served = altered(({ text, parcels: [first, ...rest] }) => ({
      text,
      parcels: [
        {
          ...first!,
          read: async function* (reading: AbortSignal, from: number) {
            for await (const chunk of first!.read(reading, from))
              yield Buffer.from(chunk.map((byte) => byte ^ 1));
          },
        },
        ...rest,
      ],
    }));
    const end = await install({}, served);
    expect(end.exitCode).toBe(1);
    const reason = expect.stringContaining('another digest') as string;
    for (const how of ['failed', 'gave-up'])
      expect(end.signs.find(({ sign }) => sign === how)).toMatchObject({ reason });
    await expectNotBootable(end);
  });

  it.each([
    ['a disk that is too small', { diskBytes: 32 * MIB }, 'the disk has 33554432 bytes'],
    ['a disk with large sectors', { variables: { TP_SECTOR_BYTES: '4096' } }, 'sectors of 4096 bytes'],
    ['another disk', { variables: { TP_MARK_OFFSET: '1000' } }, 'another disk'],
    ['a server with another key', { publicKeyPin: randomBytes(32).toString('base64') }, 'does not answer'],
    ['a token that nobody was given', { token: 'x'.repeat(43) }, 'does not answer'],
  ])('refuses %s', async (_name, run, why) => {
    const end = await install({
      ...run,
      variables: { TP_TRIES: '2', ...('variables' in run ? run.variables : {}) },
    });
    expect(end.console).toContain(why);
    expect(end.exitCode).toBe(1);
    expect(end.signs.filter(({ sign }) => sign === 'sent')).toEqual([]);
    await expectNotBootable(end);
  });

  it('writes an NVMe, and leaves no table on the disk that it was started from', async () => {
    const nvme = join(directory, 'nvme');
    const file = await open(nvme, 'w');
    await file.truncate(DISK_BYTES);
    await file.write('x', DISK_BYTES - 4096); // a filesystem may begin and end without a table
    await file.close();
    const variables = { TP_SERIAL: ' S4 EW ', TP_PARTITIONS: ' nvme0n1p1 7 MiB,' };
    const disks: (DiskAtNode | undefined)[] = [];
    const end = await install({ variables, nvme }, image, (disk) => {
      disks.push(disk);
      return Promise.resolve(undefined);
    });
    await expectInstalled({ ...end, disk: nvme });
    expect(disks).toEqual([
      { sizeBytes: DISK_BYTES, nvme: { serial: 'S4_EW', isEmpty: false, partitions: 'nvme0n1p1 7 MiB' } },
    ]);
    const started = await readFile(end.disk);
    const boundary = Math.floor(started.length / 512 - 34) * 512;
    for (const table of [started.subarray(0, 34 * 512), started.subarray(boundary, boundary + 34 * 512)])
      expect(table.every((byte) => byte === 0)).toBe(true);
    expect(started.toString('latin1', 64 * 512, 64 * 512 + 11)).toBe('boot loader');
  });

  it('takes no file in memory for an NVMe that is gone, and leaves the disk that it was started from', async () => {
    const nvme = join(directory, 'gone-nvme');
    await (await open(nvme, 'w')).close();
    const end = await install({ variables: { TP_SERIAL: 'S4EW' }, nvme }, image, async () => {
      await rm(nvme);
      return undefined;
    });
    expect(end.console).toContain(`${nvme} is gone`);
    expect(end.exitCode).toBe(1);
    await expect(readFile(nvme)).rejects.toMatchObject({ code: 'ENOENT' });
    const started = await readFile(end.disk);
    expect(started.subarray(568, 584).some((byte) => byte !== 0)).toBe(true);
  });

  it('asks nobody for the approval of a disk that is too small', async () => {
    const nvme = join(directory, 'small-nvme');
    const file = await open(nvme, 'w');
    await file.truncate(32 * MIB);
    await file.close();
    const end = await install({ nvme, diskBytes: 32 * MIB }, image, () => Promise.reject(new Error('asked')));
    expect(end.console).toContain('the disk has 33554432 bytes');
    expect(end.exitCode).toBe(1);
  });

  it('tells of an empty NVMe that it is one, and writes nothing that it may not', async () => {
    const nvme = join(directory, 'empty-nvme');
    const file = await open(nvme, 'w');
    await file.truncate(DISK_BYTES);
    await file.close();
    const end = await install({ variables: { TP_SERIAL: 'S4EW' }, nvme }, image, (disk) =>
      Promise.resolve(`may not write ${JSON.stringify(disk.nvme)}`),
    );
    expect(end.exitCode).toBe(1);
    expect(end.console).toContain('may not write {"serial":"S4EW","isEmpty":true,"partitions":""}');
    expect((await readFile(nvme)).every((byte) => byte === 0)).toBe(true);
    const started = await readFile(end.disk);
    expect(started.subarray(568, 584).some((byte) => byte !== 0)).toBe(true);
  });

  it('says again and again what it is at, until it is done', async () => {
    const { exitCode, signs } = await install({ variables: { TP_BEAT: '0.05' } });
    expect(exitCode).toBe(0);
    const states = signs.flatMap((sign) => (sign.sign === 'report' ? [sign.state] : []));
    expect(states.filter((state) => state === 'writing').length).toBeGreaterThan(1);
    expect(states.at(-1)).toBe('done');
  });

  it('tries all of it again after a failure', async () => {
    let plans = 0;
    const served = {
      planFor: async (bytes: number) => {
        const plan = await image.planFor(bytes);
        return (plans += 1) === 1
          ? { ...plan, text: plan.text.replace(/^(parcel \w+ \d+ ).*$/gm, '$1no-digest') }
          : plan;
      },
    };
    const installed = await install({ variables: { TP_ATTEMPTS: '2' } }, served);
    await expectInstalled(installed);
    expect(installed.signs.some(({ sign }) => sign === 'failed')).toBe(true);
  });

  it('begins with no plan that was cut off', async () => {
    const served = altered(({ text, parcels }) => ({ text: text.slice(0, -10), parcels }));
    const end = await install({}, served);
    expect(end.console).toContain('the plan is cut off');
    await expectNotBootable(end);
  });
});
