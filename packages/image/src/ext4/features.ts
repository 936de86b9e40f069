/** Feature bits of the superblock by the names that e2fsprogs gives them (`lib/e2p/feature.c`). */
export const COMPATIBLE = {
  dir_prealloc: 0x1,
  imagic_inodes: 0x2,
  has_journal: 0x4,
  ext_attr: 0x8,
  resize_inode: 0x10,
  dir_index: 0x20,
  lazy_bg: 0x40,
  snapshot_bitmap: 0x100,
  sparse_super2: 0x200,
  fast_commit: 0x400,
  stable_inodes: 0x800,
  orphan_file: 0x1000,
} as const;

export const INCOMPATIBLE = {
  compression: 0x1,
  filetype: 0x2,
  needs_recovery: 0x4,
  journal_dev: 0x8,
  meta_bg: 0x10,
  extent: 0x40,
  '64bit': 0x80,
  mmp: 0x100,
  flex_bg: 0x200,
  ea_inode: 0x400,
  dirdata: 0x1000,
  metadata_csum_seed: 0x2000,
  large_dir: 0x4000,
  inline_data: 0x8000,
  encrypt: 0x10000,
  casefold: 0x20000,
} as const;

export const READ_ONLY_COMPATIBLE = {
  sparse_super: 0x1,
  large_file: 0x2,
  btree_dir: 0x4,
  huge_file: 0x8,
  uninit_bg: 0x10,
  dir_nlink: 0x20,
  extra_isize: 0x40,
  has_snapshot: 0x80,
  quota: 0x100,
  bigalloc: 0x200,
  metadata_csum: 0x400,
  replica: 0x800,
  'read-only': 0x1000,
  project: 0x2000,
  shared_blocks: 0x4000,
  verity: 0x8000,
  orphan_present: 0x10000,
} as const;

export type FeatureName =
  keyof typeof COMPATIBLE | keyof typeof INCOMPATIBLE | keyof typeof READ_ONLY_COMPATIBLE;

const UNDERSTOOD_INCOMPATIBLE: ReadonlySet<string> = new Set<keyof typeof INCOMPATIBLE>([
  'filetype',
  'meta_bg',
  'extent',
  '64bit',
  'flex_bg',
  'ea_inode',
  'metadata_csum_seed',
  'large_dir',
  'inline_data',
  'encrypt',
]);

const WRITABLE_READ_ONLY_COMPATIBLE: ReadonlySet<string> = new Set<keyof typeof READ_ONLY_COMPATIBLE>([
  'sparse_super',
  'large_file',
  'huge_file',
  'uninit_bg',
  'dir_nlink',
  'extra_isize',
  'metadata_csum',
  'verity',
]);

/** Names of the bits set in a word; a bit without a name is `unknown_<prefix>_0x…`. */
function featureNames(word: number, names: Readonly<Record<string, number>>, prefix: string): string[] {
  const byBit = new Map(Object.entries(names).map(([name, bit]) => [bit, name]));
  const found: string[] = [];
  for (let shift = 0; shift < 32; shift++) {
    const bit = (1 << shift) >>> 0;
    if ((word & bit) !== 0) found.push(byBit.get(bit) ?? `unknown_${prefix}_0x${bit.toString(16)}`);
  }
  return found;
}

/** The features of a superblock by name, in its three classes. */
export interface FeatureSets {
  readonly compatible: readonly string[];
  readonly incompatible: readonly string[];
  readonly readOnlyCompatible: readonly string[];
}

/** Reads the features that a superblock states; filesystems of revision 0 have none. */
export function parseFeatures(superblock: Buffer): FeatureSets {
  const word = (offset: number): number =>
    superblock.readUInt32LE(0x4c) >= 1 ? superblock.readUInt32LE(offset) : 0;
  return {
    compatible: featureNames(word(0x5c), COMPATIBLE, 'compat'),
    incompatible: featureNames(word(0x60), INCOMPATIBLE, 'incompat'),
    readOnlyCompatible: featureNames(word(0x64), READ_ONLY_COMPATIBLE, 'ro_compat'),
  };
}

/** Incompatible features that this driver cannot even read. Dirty marks are not among them. */
export function unreadableFeatures(incompatible: readonly string[]): string[] {
  return incompatible.filter((name) => name !== 'needs_recovery' && !UNDERSTOOD_INCOMPATIBLE.has(name));
}

/** Read-only-compatible features that this driver does not keep right when it writes. */
export function unwritableFeatures(readOnlyCompatible: readonly string[]): string[] {
  return readOnlyCompatible.filter(
    (name) => name !== 'orphan_present' && !WRITABLE_READ_ONLY_COMPATIBLE.has(name),
  );
}
