import { join } from 'node:path';

/** Directories below the cache directory that hold what can be made or downloaded again. */
export const DOWNLOADS = 'downloads';
export const BASES = 'bases';
export const BLOCKS = 'xz-blocks';

/** A cache directory and those below it: where dead runs leave temporary files. */
export function cacheDirectories(cacheDir: string): string[] {
  return [cacheDir, ...[DOWNLOADS, BASES, BLOCKS].map((folder) => join(cacheDir, folder))];
}
