import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { LinkedImageFiles, openExt4, openFat, type FileSystem, type WritableDisk } from '@turingpi/image';
import { applyWithDriver } from './ext4/apply-driver.js';
import { makeFileSystem, populate, withMount } from './ext4/native-tools.js';
import { operationSequences } from './ext4/operation.js';
import type { Ext4Variant } from './ext4/variants.js';
import { makeBase as makeFatBase } from './fat/differential.js';
import { FAT_VARIANTS } from './fat/variants.js';
import type { FuzzOptions } from './fuzz-options.js';
import { damages, expectOwnError, HostileBase } from './hostile.js';

/** Most without checksums, as those would notice nearly all damage before it did anything. */
export const HOSTILE_EXT4: readonly Ext4Variant[] = [
  { name: 'hostile-extents', options: ['-t', 'ext4', '-b', '1024', '-O', '^metadata_csum'], sizeMiB: 24 },
  { name: 'hostile-indirect', options: ['-t', 'ext3', '-b', '1024', '-I', '128'], sizeMiB: 24 },
  {
    name: 'hostile-inline',
    options: ['-t', 'ext4', '-b', '1024', '-O', 'inline_data,^metadata_csum'],
    sizeMiB: 24,
  },
  { name: 'hostile-linear', options: ['-t', 'ext2', '-b', '1024', '-O', '^dir_index'], sizeMiB: 24 },
  {
    name: 'hostile-4k',
    options: ['-t', 'ext4', '-b', '4096', '-O', '^metadata_csum', '-g', '2048'],
    sizeMiB: 24,
  },
  { name: 'hostile-checksums', options: ['-t', 'ext4', '-b', '1024'], sizeMiB: 24 },
];

/** There are fewer on each image; a directory that contains itself has no end. */
const MOST_FILES = 3000;

const HOSTILE_FAT: readonly string[] = ['cidata', 'fat12', 'fat16', 'fat32', 'fat12-small-root'];

/** Names of all damaged filesystems. */
export const HOSTILE_VARIANTS: readonly string[] = [
  ...HOSTILE_EXT4.map(({ name }) => name),
  ...HOSTILE_FAT.map((name) => `hostile-${name}`),
];

/**
 * Damages filesystems at random places of their metadata and edits them at random: everything has to end soon, in
 * bounded memory, and well or with an error of our own.
 */
export async function fuzzHostile(options: FuzzOptions): Promise<void> {
  const { variants = HOSTILE_VARIANTS } = options;
  const directory = mkdtempSync(join(tmpdir(), 'hostile-fuzz-'));
  try {
    for (const variant of HOSTILE_EXT4.filter(({ name }) => variants.includes(name))) {
      const image = join(directory, 'image');
      makeFileSystem(image, variant);
      const mount = join(directory, 'mnt');
      withMount(image, mount, 'rw', () => {
        populate(mount);
      });
      await attackAll(variant.name, readFileSync(image), openExt4, options);
    }
    for (const variant of FAT_VARIANTS) {
      if (!HOSTILE_FAT.includes(variant.name) || !variants.includes(`hostile-${variant.name}`)) continue;
      const { image } = await makeFatBase(variant, directory);
      await attackAll(`hostile-${variant.name}`, readFileSync(image.path), openFat, options);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function attackAll(
  name: string,
  bytes: Buffer,
  open: (disk: WritableDisk) => Promise<FileSystem>,
  { sequences, length = 25, seed = 1, stopAtFirstFailure = false, report }: FuzzOptions,
): Promise<void> {
  const base = await HostileBase.of(bytes, async (disk) => walk(await open(disk), '/', { left: MOST_FILES }));
  const started = Date.now();
  await fc.assert(
    fc.asyncProperty(damages, operationSequences(length), async (changes, operations) => {
      await base.attack(changes, open, [
        (fs) => walk(fs, '/', { left: MOST_FILES }),
        ...operations.map((operation) => async (fs: FileSystem) => {
          const { error } = await applyWithDriver(fs, operation);
          if (error !== undefined) expectOwnError(error);
        }),
        (fs) => new LinkedImageFiles(fs).remove('/usr'),
        (fs) => new LinkedImageFiles(fs).remove('/boot'),
        (fs) => fs.flush(),
        (fs) => fs.selfCheck(),
      ]);
    }),
    { numRuns: sequences, seed, endOnFailure: stopAtFirstFailure },
  );
  report?.(`${name}: ${sequences} damaged images in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

/** Reads everything below a directory, whatever can be read. */
async function walk(fs: FileSystem, directory: string, budget: { left: number }): Promise<void> {
  for (const { name, type } of await fs.list(directory)) {
    if (budget.left-- <= 0) return;
    const path = directory === '/' ? `/${name}` : `${directory}/${name}`;
    try {
      await fs.lstat(path);
      await fs.readExtendedAttributes(path);
      if (type === 'directory') await walk(fs, path, budget);
      else if (type === 'symlink') await fs.readLink(path);
      else await fs.readFile(path);
    } catch (error) {
      expectOwnError(error);
    }
  }
}
