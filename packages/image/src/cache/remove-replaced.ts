import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { CacheEntry } from './cache-entry.js';
import { type CacheLocation, listCache } from './list-cache.js';
import { removeEntry } from './remove-entry.js';

export interface RemoveReplacedOptions extends CacheLocation {
  /** SHA-256 (hex) by absolute path of customised images that were made for what nobody asks for any more. */
  readonly replaced: ReadonlyMap<string, string>;
  readonly signal: AbortSignal;
}

/**
 * Removes customised images that others have come in the place of. What a record names stays, as does a file that is not what
 * was made then: somebody else may have put it there.
 *
 * @returns What is gone.
 */
export async function removeReplaced(options: RemoveReplacedOptions): Promise<readonly CacheEntry[]> {
  const { replaced, signal } = options;
  if (replaced.size === 0) return [];
  const removed: CacheEntry[] = [];
  for (const entry of await listCache(options)) {
    const sha256 = replaced.get(entry.path);
    if (sha256 === undefined || entry.kind !== 'result' || entry.recorded) continue;
    if (!(await isStill(entry.path, sha256, signal))) continue;
    if ((await removeEntry(entry)) === undefined) removed.push(entry);
  }
  return removed;
}

/** Whether a file has that content, and nobody has put another one in its place while it was read. */
async function isStill(file: string, sha256: string, signal: AbortSignal): Promise<boolean> {
  try {
    const before = await stat(file);
    const hash = createHash('sha256');
    await pipeline(createReadStream(file), hash, { signal });
    const now = await stat(file);
    return hash.digest('hex') === sha256 && now.ino === before.ino && now.mtimeMs === before.mtimeMs;
  } catch (error) {
    signal.throwIfAborted();
    if ((error as NodeJS.ErrnoException).code !== undefined) return false; // gone, or not ours to read
    throw error;
  }
}
