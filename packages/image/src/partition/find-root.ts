import type { FileSystemKind } from '../filesystem/probe-file-system.js';
import type { ImageFiles } from '../filesystem/image-files.js';
import { ImageError, type ImageErrorCode } from '../image-error.js';
import { describePartitions, type IdentifiedPartition } from './select-partition.js';

const RELEASE_FILES = ['/etc/os-release', '/usr/lib/os-release'];

/** What a path can be instead of a file; anything else that goes wrong says nothing about whether it is there. */
const NO_FILE: readonly ImageErrorCode[] = [
  'IMAGE_PATH_NOT_FOUND',
  'IMAGE_PATH_INVALID',
  'IMAGE_NOT_A_DIRECTORY',
  'IMAGE_NAME_TOO_LONG',
  'IMAGE_SYMLINK_LOOP',
];

/** Where a root may be that nobody here can edit, and what it is called. */
const FOREIGN_ROOTS: Partial<Record<FileSystemKind, string>> = {
  btrfs: 'btrfs',
  xfs: 'XFS',
  f2fs: 'F2FS',
  squashfs: 'squashfs',
  erofs: 'EROFS',
  luks: 'encrypted (LUKS)',
  lvm: 'a volume of LVM',
  md: 'a part of a RAID (md)',
};

/**
 * Finds the root filesystem by its content: an ext4 with an os-release file. Neither its number nor its type matters:
 * the RK1's root is the second partition and typed as EFI system partition, Armbian's is the first.
 *
 * @param open - Opens the files of a partition.
 * @param preferred - Is the root when it has an os-release file, whatever else has one.
 * @throws ImageError `IMAGE_NO_ROOT`, `IMAGE_AMBIGUOUS_ROOT`; `IMAGE_FILESYSTEM_UNSUPPORTED` when there is only a kind that
 * is not edited; when nothing was found and an ext4 could not be read, the error of that.
 */
export async function findRoot(
  candidates: readonly IdentifiedPartition[],
  open: (candidate: IdentifiedPartition) => Promise<ImageFiles>,
  preferred?: IdentifiedPartition,
): Promise<IdentifiedPartition> {
  if (preferred?.identity.kind === 'ext4' && (await hasReleaseFile(await open(preferred)))) return preferred;
  const roots: IdentifiedPartition[] = [];
  const failures: unknown[] = [];
  for (const candidate of candidates.filter(({ identity }) => identity.kind === 'ext4')) {
    try {
      if (await hasReleaseFile(await open(candidate))) roots.push(candidate);
    } catch (error) {
      failures.push(error);
    }
  }
  const [root, another] = roots;
  if (another !== undefined)
    throw new ImageError('IMAGE_AMBIGUOUS_ROOT', `The image has ${roots.length} root filesystems.`, {
      hint: `Choose one of these by number or label: ${describePartitions(roots)}.`,
    });
  if (root !== undefined) return root;
  if (failures.length > 0) throw failures[0];
  throw foreignRoot(candidates) ?? noRoot(candidates);
}

function noRoot(candidates: readonly IdentifiedPartition[]): ImageError {
  return new ImageError('IMAGE_NO_ROOT', 'The image has no root filesystem: no ext4 with /etc/os-release.', {
    hint: `Its partitions are: ${describePartitions(candidates)}.`,
  });
}

/** No backend edits these, so that none has to be tried: `details.kinds` tells. */
function foreignRoot(candidates: readonly IdentifiedPartition[]): ImageError | undefined {
  const named = candidates.flatMap(({ partition, identity: { kind } }) => {
    const name = kind === undefined ? undefined : FOREIGN_ROOTS[kind];
    return name === undefined ? [] : [{ kind, text: `partition ${partition.number} is ${name}` }];
  });
  if (named.length === 0) return undefined;
  return new ImageError(
    'IMAGE_FILESYSTEM_UNSUPPORTED',
    `The root filesystem is of a kind that cannot be edited: ${named.map(({ text }) => text).join(', ')}.`,
    {
      hint: 'Use a base image whose root filesystem is a plain ext4 partition.',
      details: { kinds: named.map(({ kind }) => kind) },
    },
  );
}

async function hasReleaseFile(files: ImageFiles): Promise<boolean> {
  for (const path of RELEASE_FILES) {
    const exists = await files.exists(path).catch((error: unknown) => {
      if (error instanceof ImageError && NO_FILE.includes(error.code)) return false;
      throw error;
    });
    if (exists) return true;
  }
  return false;
}
