import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { crc32, gunzipSync } from 'node:zlib';
import { MemoryDisk } from '@turingpi/image';
import { describe, expect, it } from 'vitest';
import { type CpioEntry } from '../archive/cpio-archive.js';
import {
  type BaseFixture,
  hostPrograms,
  INITRD,
  KERNEL,
  type Layout,
  makeBase,
  openBase,
  type RootFiles,
  staticPrograms,
} from '../base/base-image.fixture.js';
import { moduleHardware } from '../base/module-hardware.js';
import { readInstallerBase } from '../base/read-base.js';
import { composeInstaller, prepareInstaller } from './compose-installer.js';

const NAMES = [
  'cat',
  'curl',
  'dd',
  'ip',
  'mkdir',
  'mount',
  'readlink',
  'rm',
  'sha256sum',
  'sleep',
  'sync',
  'wc',
  'xz',
];
const missing = ['mke2fs', ...NAMES].filter(
  (name) => spawnSync('sh', ['-c', `PATH=$PATH:/usr/sbin:/sbin command -v ${name}`]).status !== 0,
);
const SETTINGS = {
  url: 'https://192.0.2.7:4433',
  publicKeyPin: 'cGlu',
  token: 'token',
  networkDevice: 'fe1c0000.ethernet',
  address: { ip: '192.0.2.101', prefixLength: 24, gateway: '192.0.2.1', onLink: false, dhcp: false },
  drivers: ['dwmac_rk'],
  target: 'emmc' as const,
  workers: 2,
};

async function installerOf({ image, disk }: BaseFixture, board: 'rk1' | 'cm4') {
  const module = moduleHardware(board)!;
  const base = await readInstallerBase(image, disk, module);
  const made = await composeInstaller(await prepareInstaller(base), SETTINGS);
  const opened = await openBase(new MemoryDisk(made.image));
  return { base, bytes: made.image, table: opened.partitionTable, files: await opened.files(1) };
}

describe.skipIf(missing.length > 0)(
  `an installer of a base image (needs ${missing.join(', ') || 'nothing'})`,
  () => {
    const programs = staticPrograms(NAMES);

    it.each<[Layout, 'rk1' | 'cm4', readonly string[], readonly string[]]>([
      [
        'rk1-ubuntu-v2',
        'rk1',
        [
          '/boot/extlinux/extlinux.conf',
          '/boot/vmlinuz-6.1.0-1025-rockchip',
          '/lib/firmware/6.1.0-1025-rockchip/device-tree/rockchip/rk3588-turing-rk1.dtb',
        ],
        ['/lib/firmware/6.1.0-1025-rockchip/device-tree/rockchip/rk3588-rock-5b.dtb'],
      ],
      [
        'rk1-ubuntu-v1.33',
        'rk1',
        ['/boot.scr', '/ubuntuEnv.txt', '/vmlinuz', '/dtbs/rockchip/rk3588-turing-rk1.dtb'],
        ['/dtbs/rockchip/rk3588-nanopc.dtb'],
      ],
      [
        'armbian',
        'rk1',
        ['/boot/boot.scr', '/boot/armbianEnv.txt', '/boot/Image', '/boot/dtb/rockchip/rk3588-turing-rk1.dtb'],
        [],
      ],
      [
        'raspberry-pi-os',
        'cm4',
        [
          '/config.txt',
          '/cmdline.txt',
          '/start4.elf',
          '/kernel8.img',
          '/bcm2711-rpi-cm4.dtb',
          '/overlays/disable-bt.dtbo',
        ],
        ['/start.elf', '/kernel_2712.img'],
      ],
      [
        'ubuntu-pi',
        'cm4',
        ['/config.txt', '/current/vmlinuz', '/current/cmdline.txt', '/current/bcm2711-rpi-cm4.dtb'],
        [],
      ],
      ['efi', 'rk1', ['/EFI/BOOT/BOOTAA64.EFI', '/turingpi/vmlinuz', '/EFI/debian/grub.cfg'], []],
    ])('has what its boot loader looks for, and little else: %s', async (layout, board, present, absent) => {
      const fixture = await makeBase(layout, programs);
      const { base, bytes, table, files } = await installerOf(fixture, board);
      for (const path of present) expect(await files.exists(path), path).toBe(true);
      for (const path of absent) expect(await files.exists(path), path).toBe(false);
      expect(bytes.length).toBeLessThan(64 * 1024 * 1024);
      expect(table.partitions).toHaveLength(1);
      if (board === 'rk1') {
        expect(
          bytes
            .subarray(17_408, 16 * 1024 * 1024)
            .equals(fixture.disk.bytes.subarray(17_408, 16 * 1024 * 1024)),
        ).toBe(true);
        expect(bytes.readBigUInt64LE(1024 + 48) & 4n).toBe(4n); // the partition that U-Boot looks on
      }
      const kernel = present.find((path) => /vmlinuz|Image|kernel8/.test(path))!;
      expect((await files.readFile(kernel)).equals(KERNEL)).toBe(true);
      // The kernel unpacks the base's own initrd first: it is there as it was, and ours begins behind it.
      const initrd = await files.readFile(base.boot.initrd.path, { maxBytes: bytes.length });
      const header = layout === 'armbian' ? 64 : 0;
      if (layout === 'armbian') {
        const sum = Buffer.from(initrd.subarray(0, 64));
        sum.fill(0, 4, 8); // U-Boot checks both
        expect(initrd.readUInt32BE(4)).toBe(crc32(sum));
        expect(initrd.readUInt32BE(24)).toBe(crc32(initrd.subarray(64, 64 + initrd.readUInt32BE(12))));
      }
      expect(initrd.subarray(header, header + INITRD.length).equals(INITRD)).toBe(true);
      const unpacked = archivesBehind(initrd.subarray(header + INITRD.length));
      const own = new Map(unpacked.map(({ path, content }) => [path, content]));
      expect(String(own.get('init'))).toMatch(/^#!\/bin\/sh\n/);
      expect(String(own.get('turingpi/settings'))).toContain("TP_URL='https://192.0.2.7:4433'");
      expect(unpacked.find(({ path }) => path === 'turingpi/curlrc')?.mode).toBe(0o600);
      const driver = board === 'rk1' ? 'stmicro/stmmac/stmmac.ko' : 'broadcom/genet/genet.ko';
      expect([...own.keys()].some((path) => path.endsWith(driver))).toBe(true);
    });

    it.skipIf(process.getuid?.() !== 0 || spawnSync('busybox', ['true']).status !== 0)(
      'has programs that run with nothing else than a shell around them (needs root and busybox)',
      async () => {
        const shell = execFileSync('sh', ['-c', 'cat "$(command -v busybox)"'], { maxBuffer: 1 << 26 });
        const programs = { ...hostPrograms(NAMES), '/usr/bin/busybox': shell };
        const { base } = await installerOf(await makeBase('rk1-ubuntu-v2', programs, 96), 'rk1');
        const root = mkdtempSync(join(tmpdir(), 'first-root-'));
        try {
          unpack(root, [{ path: 'bin/sh', content: shell, mode: 0o755 }, ...base.programs.entries]);
          const run = (line: string) =>
            execFileSync('chroot', [root, '/bin/sh', '-c', `P=/turingpi/bin; ${line}`], { encoding: 'utf8' });
          expect(run('$P/curl --version')).toMatch(/^curl .*ssl/is);
          expect(run('$P/cat $P/cat | $P/xz -1 | $P/xz -dc | $P/sha256sum')).toBe(
            run('$P/sha256sum <$P/cat'),
          );
          expect(run('$P/ip -V')).toContain('iproute2');
          expect(run('$P/busybox udhcpc --help 2>&1')).toContain('Usage: udhcpc');
        } finally {
          rmSync(root, { recursive: true });
        }
      },
    );

    it.each<[string, BaseChange, string]>([
      ['no curl', { without: ['/usr/bin/curl'] }, 'INSTALLER_PROGRAM_MISSING'],
      [
        'no library of a program',
        { with: { '/usr/bin/curl': hostPrograms(['curl'])['/usr/bin/curl'] as Buffer } },
        'INSTALLER_PROGRAM_MISSING',
      ],
      [
        'no driver of the port',
        { with: { '/lib/modules/6.1.0-1025-rockchip/modules.dep': 'kernel/a.ko:\n' } },
        'INSTALLER_PROGRAM_MISSING',
      ],
      [
        'no device tree of the module',
        {
          with: {
            '/boot/extlinux/extlinux.conf':
              'label a\nlinux /boot/vmlinuz-6.1.0-1025-rockchip\ninitrd /boot/initrd.img-6.1.0-1025-rockchip\nfdt /boot/other.dtb\n',
          },
        },
        'INSTALLER_BASE_UNSUPPORTED',
      ],
      [
        'no initrd',
        { with: { '/boot/extlinux/extlinux.conf': 'label a\nlinux /boot/vmlinuz-6.1.0-1025-rockchip\n' } },
        'INSTALLER_BASE_UNSUPPORTED',
      ],
      [
        'no boot loader',
        { change: (disk) => void disk.bytes.fill(0, 64 * 512, 65 * 512) },
        'INSTALLER_BASE_UNSUPPORTED',
      ],
    ])('is not made of a base with %s', async (_name, { without = [], with: more = {}, change }, code) => {
      const kept = Object.fromEntries(Object.entries(programs).filter(([path]) => !without.includes(path)));
      const fixture = await makeBase('rk1-ubuntu-v2', { ...kept, ...more });
      change?.(fixture.disk);
      await expect(installerOf(fixture, 'rk1')).rejects.toMatchObject({ code });
    });
  },
);

interface BaseChange {
  readonly without?: readonly string[];
  readonly with?: RootFiles;
  readonly change?: (disk: MemoryDisk) => void;
}

function unpack(root: string, entries: readonly CpioEntry[]): void {
  for (const { path, content, mode } of entries) {
    const target = join(root, path);
    mkdirSync(content === 'directory' ? target : dirname(target), { recursive: true });
    if (Buffer.isBuffer(content)) writeFileSync(target, content, { mode: mode ?? 0o644 });
    else if (content !== 'directory') symlinkSync(content.link, target);
  }
}

/** Members of the archives behind an initrd, read by the kernel's rules: a gzip, zeros, another. */
function archivesBehind(bytes: Buffer): { path: string; content: Buffer; mode: number }[] {
  const found: { path: string; content: Buffer; mode: number }[] = [];
  for (
    let at = bytes.indexOf('\x1f\x8b', 0, 'latin1');
    at >= 0;
    at = bytes.indexOf('\x1f\x8b\x08\0\0\0\0\0', at + 1, 'latin1')
  ) {
    let archive: Buffer;
    try {
      archive = gunzipSync(bytes.subarray(at));
    } catch {
      continue;
    }
    for (let position = 0; archive.toString('latin1', position, position + 6) === '070701';) {
      const field = (index: number) =>
        Number.parseInt(archive.toString('latin1', position + 6 + 8 * index, position + 14 + 8 * index), 16);
      const path = archive.toString('utf8', position + 110, position + 109 + field(11));
      const start = Math.ceil((position + 110 + field(11)) / 4) * 4;
      if (path === 'TRAILER!!!') break;
      found.push({ path, content: archive.subarray(start, start + field(6)), mode: field(1) & 0o7777 });
      position = Math.ceil((start + field(6)) / 4) * 4;
    }
  }
  return found;
}
