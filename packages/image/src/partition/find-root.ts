import type { ImageFiles } from '../filesystem/image-files.js';
import { ImageError } from '../image-error.js';
import { describePartitions, type IdentifiedPartition } from './select-partition.js';

const RELEASE_FILES = ['/etc/os-release', '/usr/lib/os-release'];

/**
 * Finds the root filesystem by its content: an ext4 with an os-release file. Neither its number nor its type matters:
 * the RK1's root is the second partition and typed as EFI system partition, Armbian's is the first.
 *
 * @param open - Opens the files of a partition.
 * @throws ImageError `IMAGE_NO_ROOT`, `IMAGE_AMBIGUOUS_ROOT`; when nothing was found and an ext4 could not be opened,
 * the error of that.
 */
export async function findRoot(
  candidates: readonly IdentifiedPartition[],
  open: (candidate: IdentifiedPartition) => Promise<ImageFiles>,
): Promise<IdentifiedPartition> {
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
  throw new ImageError('IMAGE_NO_ROOT', 'The image has no root filesystem: no ext4 with /etc/os-release.', {
    hint: `Its partitions are: ${describePartitions(candidates)}.`,
  });
}

async function hasReleaseFile(files: ImageFiles): Promise<boolean> {
  for (const path of RELEASE_FILES) {
    // A link to nowhere, a loop or a file in place of /etc is no release file.
    const exists = await files.exists(path).catch((error: unknown) => {
      if (error instanceof ImageError && error.code !== 'IMAGE_FILESYSTEM_CORRUPT') return false;
      throw error;
    });
    if (exists) return true;
  }
  return false;
}
