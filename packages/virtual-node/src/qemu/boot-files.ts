import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CleanupStack } from '@turingpi/foundation';
import {
  ImageError,
  identifyFileSystem,
  type ImageFiles,
  openRawDisk,
  PartitionDisk,
  PartitionFiles,
  readPartitionTable,
} from '@turingpi/image';
import { MachineError } from './machine-error.js';

/** What QEMU starts a node from. */
export interface BootFiles {
  /** Path of the kernel, a bzImage for x86-64, on this machine. */
  readonly kernel: string;
  /** Path of the initial RAM filesystem on this machine. */
  readonly initrd: string;
  /** UUID of the root filesystem, for the kernel's command line. */
  readonly rootUuid: string;
}

/** Where a bzImage says what it is (Linux boot protocol, "header" field). */
const BZIMAGE_MAGIC = { at: 0x202, text: 'HdrS' } as const;

/**
 * Copies kernel and initrd out of the root filesystem on an eMMC, as a boot loader would load them.
 *
 * @param emmcPath - the raw file
 * @param keepIn - directory in which they stay until the next boot
 * @remarks After a power cut the filesystem's journal waits to be replayed, which is the node's own work: what was
 * loaded from the same filesystem the last time is then used again.
 * @throws MachineError `MACHINE_NOT_BOOTABLE`; ImageError for an eMMC without a readable system.
 */
export async function loadBootFiles(emmcPath: string, keepIn: string): Promise<BootFiles> {
  await using cleanup = new CleanupStack();
  const disk = cleanup.use('eMMC file', await openRawDisk(emmcPath));
  const table = await readPartitionTable(disk);
  try {
    const root = await (await PartitionFiles.of(disk, table)).files('root');
    return await copyBootFiles(root, keepIn);
  } catch (error) {
    if (!(error instanceof ImageError) || error.code !== 'IMAGE_FILESYSTEM_DIRTY') throw error;
    for (const { offsetBytes, sizeBytes } of table.partitions) {
      const { uuid } = await identifyFileSystem(new PartitionDisk(disk, offsetBytes, sizeBytes));
      const kept = uuid === undefined ? undefined : keptFiles(keepIn, uuid);
      if (kept && (await isFile(kept.kernel))) return kept;
    }
    throw error;
  }
}

async function copyBootFiles(root: ImageFiles, keepIn: string): Promise<BootFiles> {
  const kernelPath = await findKernel(root);
  const kernel = await root.readFile(kernelPath);
  const { at, text } = BZIMAGE_MAGIC;
  if (kernel.toString('latin1', at, at + text.length) !== text)
    throw new MachineError('MACHINE_NOT_BOOTABLE', `${kernelPath} is not a kernel for x86-64.`, {
      hint: 'Boot depth qemu starts such a kernel, and kernels for 64-bit ARM where U-Boot finds them. Use boot depth shell for other images.',
    });
  const release = kernelPath.replace(/^.*\/vmlinuz-?/, '');
  const initrdPath = await findInitrd(root, release);
  const { uuid } = root.fileSystem;
  if (uuid === undefined)
    throw new MachineError('MACHINE_NOT_BOOTABLE', 'The root filesystem has no UUID to be found by.', {
      hint: 'Give it one with `tune2fs -U random`, or use an image that has one.',
    });
  const files = keptFiles(keepIn, uuid);
  await rm(keepIn, { recursive: true, force: true });
  await mkdir(join(keepIn, uuid), { recursive: true });
  await writeFile(files.initrd, await root.readFile(initrdPath));
  await writeFile(`${files.kernel}.part`, kernel);
  await rename(`${files.kernel}.part`, files.kernel); // the kernel comes last: with it, both are complete
  return files;
}

function keptFiles(keepIn: string, rootUuid: string): BootFiles {
  return {
    kernel: join(keepIn, rootUuid, 'vmlinuz'),
    initrd: join(keepIn, rootUuid, 'initrd.img'),
    rootUuid,
  };
}

/** The kernel that the system's own links name, else the newest one. */
async function findKernel(root: ImageFiles): Promise<string> {
  for (const link of ['/vmlinuz', '/boot/vmlinuz'])
    if (await root.exists(link)) return await root.realPath(link);
  const names = (await root.exists('/boot')) ? (await root.list('/boot')).map(({ name }) => name) : [];
  const newest = newestKernel(names);
  if (newest === undefined)
    throw new MachineError('MACHINE_NOT_BOOTABLE', 'There is no kernel in /boot of the root filesystem.', {
      hint: 'Boot depth qemu needs /boot/vmlinuz-* and /boot/initrd.img-* in the image.',
    });
  return `/boot/${newest}`;
}

/** The `vmlinuz-*` with the highest version; undefined when there is none. */
export function newestKernel(names: readonly string[]): string | undefined {
  return names
    .filter((name) => name.startsWith('vmlinuz-'))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .at(-1);
}

async function findInitrd(root: ImageFiles, release: string): Promise<string> {
  const candidates = [`/boot/initrd.img-${release}`, `/boot/initrd-${release}.img`, '/initrd.img'];
  for (const path of candidates) if (await root.exists(path)) return path;
  throw new MachineError('MACHINE_NOT_BOOTABLE', `There is no initrd for the kernel ${release}.`, {
    hint: `Looked for ${candidates.join(', ')}.`,
  });
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}
