import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { crc32, gzipSync } from 'node:zlib';
import { MemoryDisk, openFat, PartitionDisk, PartitionFiles, readPartitionTable } from '@turingpi/image';
import { formatFat, renderGpt } from '@turingpi/image/parts';
import type { BaseImage } from './read-boot-files.js';

const MIB = 1024 * 1024;
const LINUX = '0FC63DAF-8483-4772-8E79-3D69D8477DE4';
const ENVIRONMENT = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
const RELEASE = '6.1.0-1025-rockchip';

/** Files of a root filesystem, by path: bytes, or the target of a link. */
export type RootFiles = Readonly<Record<string, Buffer | string | { readonly link: string }>>;

/** How images boot that people flash: names as in docs/reference/images.md. */
export type Layout =
  'rk1-ubuntu-v2' | 'rk1-ubuntu-v1.33' | 'armbian' | 'raspberry-pi-os' | 'ubuntu-pi' | 'efi';

/** A base image in memory, opened. */
export interface BaseFixture {
  readonly disk: MemoryDisk;
  readonly image: BaseImage;
}

export const KERNEL = Buffer.from('a kernel'.repeat(1000));
export const INITRD = gzipSync(Buffer.from('an initrd'.repeat(1000)));
const TREE = Buffer.from('a device tree');

/** Programs of this computer, with the libraries that `ldd` tells, as they are found in a base image. */
export function hostPrograms(names: readonly string[]): RootFiles {
  const files: Record<string, Buffer | { readonly link: string }> = {};
  for (const name of names) {
    const path = execFileSync('sh', ['-c', 'command -v "$0"', name], {
      env: ENVIRONMENT,
      encoding: 'utf8',
    }).trim();
    files[`/usr/bin/${name}`] = readFileSync(path);
    const libraries = execFileSync('ldd', [realpathSync(path)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    for (const [, library = ''] of libraries.matchAll(/(\/\S+) \(0x/g))
      if (existsSync(library)) files[library] = readFileSync(library);
  }
  return files;
}

/** Programs that need nothing, and do nothing: what is looked at of them is there. */
export function staticPrograms(names: readonly string[]): RootFiles {
  const program = Buffer.alloc(64);
  program.write('\x7fELF\x02\x01\x01', 0, 'latin1');
  program.writeUInt16LE(183, 18);
  return Object.fromEntries(names.map((name) => [`/usr/bin/${name}`, program]));
}

/** What a root has besides programs. */
const MODULES: RootFiles = {
  [`/lib/modules/${RELEASE}/modules.dep`]: [
    'kernel/drivers/net/ethernet/stmicro/stmmac/dwmac-rk.ko: kernel/drivers/net/ethernet/stmicro/stmmac/stmmac.ko',
    'kernel/drivers/net/ethernet/stmicro/stmmac/stmmac.ko:',
    'kernel/drivers/net/ethernet/broadcom/genet/genet.ko:',
    '',
  ].join('\n'),
  [`/lib/modules/${RELEASE}/modules.builtin`]: 'kernel/drivers/mmc/core/mmc_block.ko\n',
  [`/lib/modules/${RELEASE}/kernel/drivers/net/ethernet/stmicro/stmmac/dwmac-rk.ko`]: 'dwmac',
  [`/lib/modules/${RELEASE}/kernel/drivers/net/ethernet/stmicro/stmmac/stmmac.ko`]: 'stmmac',
  [`/lib/modules/${RELEASE}/kernel/drivers/net/ethernet/broadcom/genet/genet.ko`]: 'genet',
};

/** Files of the root and of the boot partition, and how the disk is divided. */
function filesOf(layout: Layout): { readonly root: RootFiles; readonly boot?: RootFiles } {
  const uInitrd = legacyImage(INITRD);
  switch (layout) {
    case 'rk1-ubuntu-v2':
      return {
        root: {
          [`/boot/vmlinuz-${RELEASE}`]: KERNEL,
          [`/boot/initrd.img-${RELEASE}`]: INITRD,
          '/boot/extlinux/extlinux.conf': [
            'default l0',
            'label l0',
            '\tmenu label Ubuntu',
            `\tlinux /boot/vmlinuz-${RELEASE}`,
            `\tinitrd /boot/initrd.img-${RELEASE}`,
            `\tfdtdir /lib/firmware/${RELEASE}/device-tree/`,
            '\tappend root=UUID=1 console=ttyS9,115200',
            'label l0r',
            '\tlinux /boot/other',
            '',
          ].join('\n'),
          [`/lib/firmware/${RELEASE}/device-tree/rockchip/rk3588-turing-rk1.dtb`]: TREE,
          [`/lib/firmware/${RELEASE}/device-tree/rockchip/rk3588-rock-5b.dtb`]: Buffer.alloc(MIB, 1),
        },
      };
    case 'rk1-ubuntu-v1.33':
      return {
        root: {},
        boot: {
          '/boot.scr': legacyImage(Buffer.from('load ${devtype} vmlinuz')),
          '/ubuntuEnv.txt': 'bootargs=console=ttyS9\n',
          '/vmlinuz': KERNEL,
          '/initrd.img': INITRD,
          '/dtbs/rockchip/rk3588-turing-rk1.dtb': TREE,
          '/dtbs/rockchip/rk3588-nanopc.dtb': Buffer.alloc(MIB, 1),
        },
      };
    case 'armbian':
      return {
        root: {
          '/boot/boot.scr': legacyImage(Buffer.from('load Image')),
          '/boot/boot.cmd': 'load Image',
          '/boot/armbianEnv.txt': 'rootdev=UUID=1\n',
          [`/boot/vmlinuz-${RELEASE}`]: KERNEL,
          '/boot/Image': { link: `vmlinuz-${RELEASE}` },
          [`/boot/uInitrd-${RELEASE}`]: uInitrd,
          '/boot/uInitrd': { link: `uInitrd-${RELEASE}` },
          '/boot/dtb': { link: `dtb-${RELEASE}` },
          [`/boot/dtb-${RELEASE}/rockchip/rk3588-turing-rk1.dtb`]: TREE,
        },
      };
    case 'raspberry-pi-os':
      return {
        root: {},
        boot: {
          '/config.txt': '# comment\nauto_initramfs=1\narm_64bit=1\n[pi5]\nkernel=kernel_2712.img\n[all]\n',
          '/cmdline.txt': 'console=serial0,115200 root=PARTUUID=1-02 init=/firstboot',
          '/start4.elf': 'firmware',
          '/fixup4.dat': 'firmware',
          '/start.elf': Buffer.alloc(MIB, 1),
          '/kernel8.img': KERNEL,
          '/kernel_2712.img': Buffer.alloc(MIB, 1),
          '/initramfs8': INITRD,
          '/bcm2711-rpi-cm4.dtb': TREE,
          '/overlays/disable-bt.dtbo': 'overlay',
        },
      };
    case 'ubuntu-pi':
      return {
        root: {},
        boot: {
          '/config.txt': '[all]\nkernel=vmlinuz\ninitramfs initrd.img followkernel\nos_prefix=current/\n',
          '/start4.elf': 'firmware',
          '/fixup4.dat': 'firmware',
          '/current/vmlinuz': KERNEL,
          '/current/initrd.img': INITRD,
          '/current/cmdline.txt': 'console=serial0,115200',
          '/current/bcm2711-rpi-cm4.dtb': TREE,
        },
      };
    case 'efi':
      return {
        root: {
          [`/boot/vmlinuz-${RELEASE}`]: KERNEL,
          '/boot/vmlinuz': { link: `vmlinuz-${RELEASE}` },
          [`/boot/initrd.img-${RELEASE}`]: INITRD,
          '/boot/grub/grub.cfg': `menuentry x {\n  linux /boot/vmlinuz-${RELEASE} root=UUID=1 ro console=ttyS0,115200\n}\n`,
        },
        boot: { '/EFI/BOOT/BOOTAA64.EFI': 'loader', '/EFI/debian/grub.cfg': 'search.fs_uuid 1' },
      };
  }
}

/** Makes a base image. @param more - further files of its root, as programs */
export async function makeBase(layout: Layout, more: RootFiles = {}, rootMiB = 24): Promise<BaseFixture> {
  const { root, boot } = filesOf(layout);
  const release = { '/etc/os-release': 'ID=debian\n', '/etc/hostname': 'base\n' };
  const ext4 = makeRoot({ ...MODULES, ...release, ...root, ...more }, rootMiB);
  const bootBytes = boot === undefined ? 0 : 16 * MIB;
  const start = 16 * MIB;
  const disk = new MemoryDisk(Buffer.alloc(start + bootBytes + ext4.length + MIB));
  const parts = [
    ...(boot === undefined ? [] : [{ offsetBytes: start, sizeBytes: bootBytes }]),
    { offsetBytes: start + bootBytes, sizeBytes: ext4.length },
  ];
  if (layout === 'raspberry-pi-os' || layout === 'ubuntu-pi') writeBootRecord(disk.bytes, parts);
  else {
    const partitions = parts.map((part) => ({ ...part, type: LINUX, uuid: randomUUID(), name: '' }));
    const { head, tail } = renderGpt(randomUUID(), partitions, disk.sizeBytes);
    head.copy(disk.bytes);
    tail.copy(disk.bytes, disk.sizeBytes - tail.length);
    disk.bytes.write('RKNS', 64 * 512);
    disk.bytes.write('u-boot.itb', 16_384 * 512);
  }
  if (boot !== undefined) await writeFat(new PartitionDisk(disk, start, bootBytes), boot);
  ext4.copy(disk.bytes, start + bootBytes);
  return { disk, image: await openBase(disk) };
}

/** Opens a disk image in memory as the base of an installer. */
export async function openBase(disk: MemoryDisk): Promise<BaseImage> {
  const partitionTable = await readPartitionTable(disk);
  const files = await PartitionFiles.of(disk, partitionTable);
  return { partitionTable, files: (selector) => files.files(selector) };
}

function makeRoot(files: RootFiles, sizeMiB: number): Buffer {
  const directory = mkdtempSync(join(tmpdir(), 'base-root-'));
  try {
    for (const [path, content] of Object.entries(files)) {
      const target = join(directory, 'root', path);
      mkdirSync(dirname(target), { recursive: true });
      if (typeof content === 'object' && 'link' in content) symlinkSync(content.link, target);
      else writeFileSync(target, content, { mode: 0o755 });
    }
    const image = join(directory, 'image');
    execFileSync('mke2fs', ['-q', '-F', '-t', 'ext4', '-d', join(directory, 'root'), image, `${sizeMiB}M`], {
      env: ENVIRONMENT,
      stdio: 'pipe',
    });
    return readFileSync(image);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function writeFat(partition: PartitionDisk, files: RootFiles): Promise<void> {
  await formatFat(partition, { label: 'boot', volumeId: 1 });
  await using fat = await openFat(partition);
  for (const [path, content] of Object.entries(files)) {
    const names = path.split('/').slice(1, -1);
    for (let depth = 1; depth <= names.length; depth++) {
      const parent = `/${names.slice(0, depth).join('/')}`;
      if ((await fat.lstat(parent)) === undefined) await fat.mkdir(parent);
    }
    await fat.writeFile(path, Buffer.from(content as Buffer | string));
  }
  await fat.flush();
}

/** A legacy image of U-Boot, as `mkimage` makes it. */
export function legacyImage(data: Buffer): Buffer {
  const header = Buffer.alloc(64);
  header.writeUInt32BE(0x2705_1956, 0);
  header.writeUInt32BE(data.length, 12);
  header.writeUInt32BE(crc32(data), 24);
  header.writeUInt32BE(crc32(header), 4);
  return Buffer.concat([header, data]);
}

function writeBootRecord(
  bytes: Buffer,
  parts: readonly { readonly offsetBytes: number; readonly sizeBytes: number }[],
): void {
  for (const [index, { offsetBytes, sizeBytes }] of parts.entries()) {
    const at = 446 + index * 16;
    bytes.writeUInt8(index === 0 ? 0x0c : 0x83, at + 4);
    bytes.writeUInt32LE(offsetBytes / 512, at + 8);
    bytes.writeUInt32LE(sizeBytes / 512, at + 12);
  }
  bytes.writeUInt32LE(0x1234_5678, 440);
  bytes.writeUInt16LE(0xaa55, 510);
}
