import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import type { TestProject } from 'vitest/node';
import { requireTools } from '../support/site/require-tools.js';
import { BOOT_IMAGES } from './boot-families.js';

/** The image of the boots on 64-bit ARM. */
const ARM64_IMAGE = 'debian-arm64';

const SCRIPTS = path.resolve(import.meta.dirname, '../../scripts');
const AT_ONCE = 2;
const TOOLS = [
  'qemu-system-x86_64',
  'qemu-system-aarch64',
  'busybox',
  'depmod',
  'mmdebstrap',
  'tar',
  'chroot',
  'sfdisk',
  'mkfs.vfat',
  'mkfs.ext4',
  'mcopy',
  'xz',
  'setpriv',
  'dpkg-deb',
] as const;

/** What the boot tests find: where images and logs are, and which image is which family's. */
export interface BootImages {
  readonly directory: string;
  /** By name of the image; undefined where they cannot be made on this machine. */
  readonly images: Readonly<Record<string, string>> | undefined;
}

declare module 'vitest' {
  interface ProvidedContext {
    bootImages: BootImages;
  }
}

/**
 * Makes the images that are missing, in TURINGPI_BOOT_DIR (default: `turingpi-boot` in the temporary directory). They
 * are kept there, named after a digest of the scripts that make them.
 */
export default async function makeImages(project: TestProject): Promise<void> {
  const directory = process.env['TURINGPI_BOOT_DIR'] ?? path.join(os.tmpdir(), 'turingpi-boot');
  if (requireTools(...TOOLS).missing || !isRoot()) {
    project.provide('bootImages', { directory, images: undefined });
    return;
  }
  await mkdir(directory, { recursive: true });
  const { stdout } = await execa('node', [path.join(SCRIPTS, 'make-boot-image.mjs'), '--packages']);
  const packages = stdout.split('\n');
  const rootDigest = await digestOf(['make-debian-root.sh'], packages);
  const root = await cached(path.join(directory, `root-${rootDigest}.tar`), async (staged) => {
    await execa('bash', [path.join(SCRIPTS, 'make-debian-root.sh'), staged, ...packages]);
  });
  const digest = await digestOf(['make-boot-image.mjs', 'base-images', 'boot-images'], [rootDigest]);
  const images: Record<string, string> = {};
  const make = async (image: string, root: string, digest: string): Promise<void> => {
    images[image] = await cached(path.join(directory, `${image}-${digest}.img.xz`), async (staged) => {
      await execa('node', [path.join(SCRIPTS, 'make-boot-image.mjs'), image, root, staged]);
    });
  };
  const isForArm64Alone = process.argv.some((word) => word.startsWith('arm64')); // `npm run test:boot -- arm64`
  const waiting = [ARM64_IMAGE, ...(isForArm64Alone ? [] : BOOT_IMAGES)]; // it takes longest
  const work = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift())
      await make(name, root, digest);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (process.env['BOOTS'] !== 'strongest' && !isForArm64Alone) {
    const script = 'make-openrc-root.sh';
    const openrcDigest = await digestOf([script], []);
    const openrcRoot = await cached(path.join(directory, `root-${openrcDigest}.tar`), async (staged) => {
      await execa('bash', [path.join(SCRIPTS, script), staged]);
    });
    const parts = ['make-boot-image.mjs', 'boot-images/openrc.mjs', 'boot-images/debian-root.mjs'];
    await make('openrc', openrcRoot, await digestOf(parts, [openrcDigest]));
  }
  project.provide('bootImages', { directory, images });
}

function isRoot(): boolean {
  if (process.getuid?.() === 0) return true;
  const text = 'the images of the boot tests can only be made by root (owners and device files)';
  if (process.env['CI'] === 'true') throw new Error(text);
  process.stderr.write(`skipping: ${text}\n`);
  return false;
}

async function cached(file: string, make: (staged: string) => Promise<void>): Promise<string> {
  if (await stat(file).catch(() => undefined)) return file;
  const staged = `${file}.new`;
  try {
    process.stderr.write(`making ${path.basename(file)}\n`);
    await make(staged);
    await rename(staged, file);
  } finally {
    await rm(staged, { force: true });
  }
  return file;
}

async function digestOf(names: readonly string[], also: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(also));
  for (const name of names) {
    const entry = path.join(SCRIPTS, name);
    const isFolder = (await stat(entry)).isDirectory();
    const files = isFolder ? (await readdir(entry)).sort().map((file) => path.join(entry, file)) : [entry];
    for (const file of files) hash.update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 12);
}
