/** One way to make an ext4 filesystem, as the images of node vendors and distributions come. */
export interface Ext4Variant {
  readonly name: string;
  /** Arguments for `mke2fs`, between the program and the file. */
  readonly options: readonly string[];
  readonly sizeMiB: number;
}

/** Few blocks per group, so that a small image has several groups. */
const SMALL_GROUPS_4K = ['-g', '2048'];

/** Every layout that the driver states to write; the names say what is unusual about them. */
export const EXT4_VARIANTS: readonly Ext4Variant[] = [
  { name: 'rpios', options: ['-t', 'ext4', '-b', '4096', '-O', '^64bit,^huge_file'], sizeMiB: 48 },
  { name: 'debian', options: ['-t', 'ext4', '-b', '4096'], sizeMiB: 48 },
  { name: 'debian-groups', options: ['-t', 'ext4', '-b', '4096', ...SMALL_GROUPS_4K], sizeMiB: 64 },
  {
    name: 'modern',
    options: ['-t', 'ext4', '-b', '4096', '-O', 'orphan_file,metadata_csum_seed', ...SMALL_GROUPS_4K],
    sizeMiB: 48,
  },
  { name: 'inline-data', options: ['-t', 'ext4', '-b', '4096', '-O', 'inline_data'], sizeMiB: 48 },
  {
    name: 'inline-1k-inode-512',
    options: ['-t', 'ext4', '-b', '1024', '-I', '512', '-O', 'inline_data'],
    sizeMiB: 40,
  },
  { name: '1k', options: ['-t', 'ext4', '-b', '1024'], sizeMiB: 40 },
  { name: '2k', options: ['-t', 'ext4', '-b', '2048', '-g', '4096'], sizeMiB: 40 },
  {
    name: 'gdt-csum',
    options: ['-t', 'ext4', '-b', '4096', '-O', 'uninit_bg,^metadata_csum', ...SMALL_GROUPS_4K],
    sizeMiB: 64,
  },
  {
    name: 'gdt-csum-32bit',
    options: ['-t', 'ext4', '-b', '1024', '-O', 'uninit_bg,^metadata_csum,^64bit,^flex_bg'],
    sizeMiB: 40,
  },
  { name: 'no-csum', options: ['-t', 'ext4', '-b', '4096', '-O', '^metadata_csum'], sizeMiB: 48 },
  { name: 'no-journal', options: ['-t', 'ext4', '-b', '4096', '-O', '^has_journal'], sizeMiB: 48 },
  { name: 'ext3', options: ['-t', 'ext3', '-b', '4096', '-I', '128', ...SMALL_GROUPS_4K], sizeMiB: 48 },
  { name: 'ext3-1k', options: ['-t', 'ext3', '-b', '1024', '-I', '256'], sizeMiB: 40 },
  { name: 'ext2-plain', options: ['-t', 'ext2', '-b', '1024', '-O', '^dir_index,^filetype'], sizeMiB: 24 },
  { name: 'no-dir-index', options: ['-t', 'ext4', '-b', '1024', '-O', '^dir_index'], sizeMiB: 40 },
  { name: 'fast-commit', options: ['-t', 'ext4', '-b', '4096', '-O', 'fast_commit'], sizeMiB: 64 },
  {
    name: 'ea-inode-large-dir',
    options: ['-t', 'ext4', '-b', '1024', '-O', 'ea_inode,large_dir'],
    sizeMiB: 40,
  },
  { name: 'verity-encrypt', options: ['-t', 'ext4', '-b', '4096', '-O', 'verity,encrypt'], sizeMiB: 48 },
  {
    name: 'inode-128',
    options: ['-t', 'ext4', '-b', '4096', '-I', '128', '-O', '^extra_isize'],
    sizeMiB: 48,
  },
  { name: 'inode-512', options: ['-t', 'ext4', '-b', '4096', '-I', '512'], sizeMiB: 48 },
  {
    name: 'inode-1024',
    options: ['-t', 'ext4', '-b', '4096', '-I', '1024', '-O', 'inline_data'],
    sizeMiB: 48,
  },
  {
    name: 'meta-bg',
    options: ['-t', 'ext4', '-b', '1024', '-g', '1024', '-O', 'meta_bg,^resize_inode'],
    sizeMiB: 48,
  },
  {
    name: 'sparse-super2',
    options: ['-t', 'ext4', '-b', '1024', '-O', 'sparse_super2,^resize_inode'],
    sizeMiB: 40,
  },
  {
    name: 'no-flex-bg',
    options: ['-t', 'ext4', '-b', '4096', '-O', '^flex_bg', ...SMALL_GROUPS_4K],
    sizeMiB: 48,
  },
  {
    name: 'few-inodes',
    options: ['-t', 'ext4', '-b', '1024', '-N', '700'],
    sizeMiB: 24,
  },
];
