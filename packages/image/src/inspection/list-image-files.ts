import { posix } from 'node:path';
import type { FileStat } from '../filesystem/file-system.js';
import type { ImageFiles } from '../filesystem/image-files.js';

/** One line of a directory listing. */
export interface ListedFile extends FileStat {
  readonly name: string;
  /** What a symlink states. */
  readonly target: string | undefined;
}

/**
 * The entries of a directory, sorted by name, or the one file that is at the path. Links in the path are followed as the
 * node would.
 *
 * @throws ImageError `IMAGE_PATH_NOT_FOUND`, `IMAGE_PATH_INVALID`, `IMAGE_SYMLINK_LOOP`.
 */
export async function listImageFiles(files: ImageFiles, path: string): Promise<ListedFile[]> {
  const at = await files.stat(path);
  if (at.type !== 'directory') return [{ name: posix.basename(path), target: undefined, ...at }];
  const listed: ListedFile[] = [];
  for (const { name } of await files.list(path)) {
    const entry = posix.join(path, name);
    const stat = await files.lstat(entry);
    if (stat === undefined) continue;
    const target = stat.type === 'symlink' ? await files.readLink(entry) : undefined;
    listed.push({ name, target, ...stat });
  }
  return listed.sort((a, b) => (a.name < b.name ? -1 : 1));
}
