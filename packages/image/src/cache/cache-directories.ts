import { join } from 'node:path';
import { BASES } from '../compression/converted-base.js';
import { DOWNLOADS } from '../download/download-base-image.js';
import { BLOCKS } from '../xz/block-store.js';

/** A cache directory and those below it: where dead runs leave temporary files. */
export function cacheDirectories(cacheDir: string): string[] {
  return [cacheDir, ...[DOWNLOADS, BASES, BLOCKS].map((folder) => join(cacheDir, folder))];
}
