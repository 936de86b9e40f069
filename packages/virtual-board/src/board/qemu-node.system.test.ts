import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ImageFiles, openRawDisk, PartitionFiles, readPartitionTable } from '@turingpi/image';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { baseImagePath, createQemuMachine, type QemuMachine } from '@turingpi/virtual-node';
import { bareMetalProgram } from '../../../virtual-node/src/qemu/bare-metal-program.js';
import { loadBootFiles } from '../../../virtual-node/src/qemu/boot-files.js';
import { startVirtualBoard } from './start-virtual-board.js';

const WITH_SYSTEM_PROGRAMS = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
const PROGRAM = 'qemu-system-x86_64';
const hasQemu = isInstalled(PROGRAM, ['--version']);
const hasArm64 = isInstalled('qemu-system-aarch64', ['--version']);
const hasDebugfs = isInstalled('debugfs', ['-V']);

function isInstalled(program: string, probe: readonly string[]): boolean {
  try {
    execFileSync(program, probe, { stdio: 'ignore', env: WITH_SYSTEM_PROGRAMS });
    return true;
  } catch (error) {
    const text = `${program} is not installed: not all about nodes of depth qemu is tested`;
    if (process.env['CI'] === 'true') throw new Error(text, { cause: error });
    process.stderr.write(`skipping: ${text}\n`);
    return false;
  }
}

let raw: Buffer;
let dir: string;
let emmc: string;

beforeAll(() => {
  raw = execFileSync('xz', ['-dc', baseImagePath('rk1-ubuntu.img.xz')], { maxBuffer: 1 << 30 });
});

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'turingpi-qemu-'));
  emmc = join(dir, 'node1.emmc');
  await writeFile(emmc, raw);
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** Changes the root filesystem on the eMMC. */
async function edit(change: (root: ImageFiles) => Promise<void>): Promise<void> {
  await using disk = await openRawDisk(emmc, { writable: true });
  const root = await (await PartitionFiles.of(disk, await readPartitionTable(disk))).files('root');
  await change(root);
  await root.fileSystem.flush();
}

async function installProgram(): Promise<void> {
  await edit(async (root) => {
    await root.remove('/boot/vmlinuz');
    await root.writeFile('/boot/vmlinuz-6.1.0-9-amd64', 'an older one');
    await root.writeFile('/boot/vmlinuz-6.1.0-10-amd64', bareMetalProgram());
    await root.writeFile('/boot/initrd.img-6.1.0-10-amd64', 'initrd');
    await root.remove('/boot/vmlinuz-5.10.160-rockchip');
  });
}

describe('loadBootFiles', () => {
  it('takes the newest kernel with its initrd, and names the filesystem they are in', async () => {
    await installProgram();
    const files = await loadBootFiles(emmc, join(dir, 'boot'));
    expect(await readFile(files.kernel)).toEqual(bareMetalProgram());
    expect(await readFile(files.initrd, 'utf8')).toBe('initrd');
    expect(files.rootUuid).toBe('0d3e7c52-9a64-4b1f-8e2d-71f5a6c0b904');
  });

  it("prefers what the system's own link names", async () => {
    await installProgram();
    await edit((root) => root.symlink('boot/vmlinuz-6.1.0-9-amd64', '/vmlinuz'));
    await expect(loadBootFiles(emmc, join(dir, 'boot'))).rejects.toMatchObject({
      code: 'MACHINE_NOT_BOOTABLE',
      message: expect.stringContaining('vmlinuz-6.1.0-9-amd64') as string,
    });
  });

  it.skipIf(!hasDebugfs)(
    'boots a system again whose power was cut, from what it was booted from before',
    async () => {
      await installProgram();
      const first = await loadBootFiles(emmc, join(dir, 'boot'));
      setNeedsRecovery();
      expect(await loadBootFiles(emmc, join(dir, 'boot'))).toEqual(first);
      await expect(loadBootFiles(emmc, join(dir, 'elsewhere'))).rejects.toMatchObject({
        code: 'IMAGE_FILESYSTEM_DIRTY',
      });
    },
  );

  it("refuses another processor's kernel, and an eMMC without a system", async () => {
    await expect(loadBootFiles(emmc, join(dir, 'boot'))).rejects.toMatchObject({
      code: 'MACHINE_NOT_BOOTABLE',
    });
    await writeFile(emmc, Buffer.alloc(1 << 20));
    await expect(loadBootFiles(emmc, join(dir, 'boot'))).rejects.toMatchObject({ code: /^IMAGE_/ });
  });
});

describe('QemuMachine', () => {
  let console_ = '';
  beforeEach(() => {
    console_ = '';
  });

  function make(
    changes: { qemu?: string; firmware?: string; emmcSizeBytes?: number } = {},
  ): Promise<QemuMachine> {
    return createQemuMachine({
      slot: 1,
      boardType: 'rk1',
      emmcPath: emmc,
      ssh: { host: '127.0.0.1', port: 0 },
      onConsole: (text) => {
        console_ += text;
      },
      ...changes,
    });
  }
  const shows = (text: string | RegExp): Promise<void> =>
    vi.waitFor(() => expect(console_).toMatch(text), { timeout: 50_000, interval: 20 });

  it('says at once that QEMU is missing', async () => {
    await expect(make({ qemu: join(dir, 'no-such-program') })).rejects.toMatchObject({
      code: 'MACHINE_QEMU_MISSING',
    });
  });

  it.skipIf(!hasQemu)('runs what is on the eMMC: console both ways, again after a power cut', async () => {
    await installProgram();
    await using machine = await make({ emmcSizeBytes: 256 << 20 });
    const { port } = machine.ssh;
    await machine.powerOn();
    expect((await stat(emmc)).size).toBe(256 << 20);
    await shows(/UP\n$/);
    machine.sendConsole('hello\n');
    await shows(/UP\nhello\n$/);
    await machine.powerOff();
    machine.sendConsole('nobody there\n');
    console_ = '';
    const { ended } = await machine.boot();
    await shows(/UP\n$/);
    expect(machine.ssh.port).toBe(port);
    machine.sendConsole('q');
    await shows('the node has switched itself off');
    expect(await ended).toBe('');
  });

  it.skipIf(!hasQemu || !hasArm64)('starts U-Boot where the disk has something for it', async () => {
    await using disk = await openRawDisk(emmc, { writable: true });
    const boot = await (await PartitionFiles.of(disk, await readPartitionTable(disk))).files(1);
    await boot.mkdir('/extlinux');
    await boot.writeFile('/extlinux/extlinux.conf', 'label l0\nkernel /none\n');
    await boot.fileSystem.flush();
    await using machine = await make();
    await machine.powerOn();
    await shows(/U-Boot 20\d\d/);
    await machine.powerOff();
    await using withoutIt = await make({ firmware: join(dir, 'no-such-file') });
    await withoutIt.powerOn();
    await shows(/No bootable system on the eMMC: MACHINE_QEMU_MISSING: .*no-such-file/);
  });

  it.skipIf(!hasQemu)(
    'says on the console that there is nothing to boot, and refuses connections',
    async () => {
      await writeFile(emmc, '');
      await using machine = await make();
      await expect(machine.boot()).rejects.toMatchObject({
        code: expect.stringMatching(/^IMAGE_/) as string,
      });
      await machine.powerOn();
      expect(console_).toMatch(/^## No bootable system on the eMMC: IMAGE_\w+: .+\r\n$/);
      await new Promise((resolve) => {
        connect(machine.ssh.port, machine.ssh.host)
          .on('error', () => undefined)
          .on('close', resolve);
      });
    },
  );

  it.skipIf(!hasQemu)('is what a virtual board of depth qemu has in its slots', async () => {
    await using board = await startVirtualBoard({
      boot: 'qemu',
      nodes: [{ board: 'rk1', address: '192.168.1.101' }],
      clock: { scale: 100 },
      certificateBits: 2048,
    });
    expect(board.nodes[0]?.ssh?.port).toBeGreaterThan(0);
  });
});

/** Marks the root filesystem as a power cut leaves it: its journal is to be replayed. */
function setNeedsRecovery(): void {
  execFileSync('debugfs', ['-w', '-R', 'feature needs_recovery', `${emmc}?offset=${20 << 20}`], {
    env: WITH_SYSTEM_PROGRAMS,
    stdio: 'ignore',
  });
}
