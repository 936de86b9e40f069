import { chmod } from 'node:fs/promises';
import { openXzDisk } from '../xz/open-xz-disk.js';
import { digestFile } from '../engine/file-digest.js';
import { ImageError } from '../image-error.js';
import { rawChunks } from '../output/raw-chunks.js';
import type { CacheEntry } from './cache-entry.js';
import { type CacheLocation, listCache } from './list-cache.js';
import { removeEntry } from './remove-entry.js';

export interface VerifyOptions extends CacheLocation {
  readonly signal: AbortSignal;
  /** Takes rights away from others, and removes damaged files that can be made or downloaded again. */
  readonly fix?: boolean;
}

/** What was found about one file. */
export interface VerifiedEntry {
  readonly entry: CacheEntry;
  /** `unknown`: nothing says what its content must be. */
  readonly content: 'sound' | 'damaged' | 'unknown';
  /** Others may read or write it. */
  readonly exposed: boolean;
  /** What was done about it. */
  readonly done: readonly ('removed' | 'protected')[];
}

/**
 * Compares every file of the cache with the digest it must have, decodes converted bases, and looks at who may read it.
 *
 * @throws ImageError when a file cannot be read at all; the reason of the signal.
 */
export async function* verifyCache(options: VerifyOptions): AsyncGenerator<VerifiedEntry, void, undefined> {
  const { signal, cacheDir, fix = false } = options;
  for (const entry of await listCache(options)) {
    signal.throwIfAborted();
    const content = await verifyContent(entry, cacheDir, signal).catch((error: unknown) => {
      if (error instanceof ImageError && error.code === 'IMAGE_NOT_FOUND') return undefined; // gone meanwhile
      throw error;
    });
    if (content === undefined) continue;
    const exposed = ((entry.mode ?? 0) & 0o077) !== 0;
    const done: ('removed' | 'protected')[] = [];
    const canGo = entry.kind !== 'result' && entry.inUse === undefined;
    if (fix && content === 'damaged' && canGo && (await removeEntry(entry)) === undefined)
      done.push('removed');
    else if (fix && exposed) {
      await chmod(entry.path, 0o600);
      done.push('protected');
    }
    yield { entry, content, exposed, done };
  }
}

async function verifyContent(
  { kind, path, sha256 }: CacheEntry,
  cacheDir: string,
  signal: AbortSignal,
): Promise<VerifiedEntry['content']> {
  if (sha256 !== undefined) return (await digestFile(path, signal)) === sha256 ? 'sound' : 'damaged';
  if (kind !== 'base') return 'unknown';
  try {
    await using disk = await openXzDisk(path, { cacheDir, signal });
    // Its name is the digest of what it was made from: the checksums of its own blocks have to do.
    const chunks = rawChunks(disk, undefined, signal)[Symbol.asyncIterator]();
    while ((await chunks.next()).done !== true);
    return 'sound';
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ImageError && error.code !== 'IMAGE_NOT_FOUND') return 'damaged';
    throw error;
  }
}
