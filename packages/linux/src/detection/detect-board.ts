import type { ImageFiles } from '@turingpi/image';
import type { BoardFamily, ImagePartitions } from './detected-image.js';
import { parseOsRelease } from './os-release.js';

export interface BoardFinding {
  readonly board: BoardFamily;
  readonly reason: string;
}

/** Text files in which boot loaders are told the device tree, by partition-relative path. */
const BOOT_CONFIGURATION = [
  '/boot/armbianEnv.txt',
  '/boot/extlinux/extlinux.conf',
  '/boot/firmware/ubuntuEnv.txt',
  '/etc/default/u-boot',
  '/etc/flash-kernel/machine',
  '/ubuntuEnv.txt',
  '/armbianEnv.txt',
  '/extlinux/extlinux.conf',
] as const;

async function firstRaspberryFile(files: ImageFiles): Promise<string | undefined> {
  if (!(await files.exists('/config.txt'))) return undefined;
  for (const name of ['/cmdline.txt', '/start4.elf', '/start.elf', '/bcm2711-rpi-cm4.dtb', '/current'])
    if (await files.exists(name)) return name;
  return undefined;
}

async function listNames(files: ImageFiles, path: string): Promise<string[]> {
  return (await files.exists(path)) ? (await files.list(path)).map(({ name }) => name) : [];
}

/** Many boards have an RK3588, and each boots only with its own device tree. */
function rockchipIn(path: string, text: string): BoardFinding | undefined {
  const tree = /\brk3588\w*-[\w-]+\.dtb/i.exec(text)?.[0];
  if (tree !== undefined && !/turing-rk1/i.test(tree))
    return { board: 'other', reason: `${path} names the device tree ${tree}` };
  if (!/rk3588|turing[- ]rk1/i.test(text)) return undefined;
  return { board: 'rockchip-rk3588', reason: `${path} names ${tree ?? 'an RK3588'}` };
}

/** Finds out for which board an image was made, by its boot files. */
export async function detectBoard({ root, others }: ImagePartitions): Promise<BoardFinding> {
  const armbian = await root.readText('/etc/armbian-release');
  if (armbian !== undefined) {
    const values = parseOsRelease(armbian);
    const name = values.get('BOARD') ?? '';
    const family = values.get('BOARDFAMILY') ?? values.get('LINUXFAMILY') ?? '';
    const reason = `/etc/armbian-release says BOARD=${name}`;
    if (name === 'turing-rk1') return { board: 'rockchip-rk3588', reason };
    if (name.startsWith('rpi') || family.startsWith('bcm27')) return { board: 'raspberry-pi', reason };
    if (name !== '') return { board: 'other', reason };
  }
  for (const { files, label } of others) {
    const file = await firstRaspberryFile(files);
    if (file !== undefined)
      return { board: 'raspberry-pi', reason: `partition ${label} has config.txt and ${file.slice(1)}` };
  }
  for (const files of [root, ...others.map((other) => other.files)])
    for (const path of BOOT_CONFIGURATION) {
      const finding = rockchipIn(path, (await files.readText(path)) ?? '');
      if (finding) return finding;
    }
  for (const directory of ['/boot/dtbs', '/boot/dtb', '/lib/firmware', '/usr/lib']) {
    const kernel = (await listNames(root, directory)).find((name) => /rockchip|rk3588/.test(name));
    if (kernel !== undefined) return { board: 'rockchip-rk3588', reason: `${directory}/${kernel} is there` };
  }
  if (await root.exists('/etc/rpi-issue'))
    return { board: 'raspberry-pi', reason: '/etc/rpi-issue is there' };
  const kernel = (await listNames(root, '/boot')).find((name) =>
    /^vmlinuz-.*(rockchip|raspi|rpi)/.test(name),
  );
  if (kernel !== undefined)
    return {
      board: kernel.includes('rockchip') ? 'rockchip-rk3588' : 'raspberry-pi',
      reason: `the kernel is /boot/${kernel}`,
    };
  return { board: 'unknown', reason: 'no boot file names a board' };
}
