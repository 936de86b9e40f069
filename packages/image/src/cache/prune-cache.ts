import { findLeftovers } from '../leftovers/find-leftovers.js';
import type { Leftover } from '../leftovers/leftover.js';
import { removeLeftovers } from '../leftovers/remove-leftovers.js';
import { cacheDirectories } from './cache-directories.js';
import type { CacheEntry } from './cache-entry.js';
import { type CacheLocation, listCache } from './list-cache.js';
import { removeEntry } from './remove-entry.js';

/** What the cache may hold when nobody says otherwise, in bytes. */
export const DEFAULT_CACHE_BYTES = 20e9;
/** Nobody goes on with a download after this time. */
const ABANDONED_MS = 7 * 24 * 60 * 60 * 1000;

export interface PruneOptions extends CacheLocation {
  readonly signal: AbortSignal;
  /** What may stay, in bytes. Default {@link DEFAULT_CACHE_BYTES}. */
  readonly maxBytes?: number;
  /** Removes everything, also the images that records count on. */
  readonly all?: boolean;
  /** Keeps every customised image, also those that no record names. */
  readonly keepResults?: boolean;
  /** Keeps what was used at this time or later. */
  readonly keepUsedSince?: Date;
  /** Only tells what would be removed. */
  readonly dryRun?: boolean;
}

export interface PrunedCache {
  readonly removed: readonly CacheEntry[];
  readonly leftovers: readonly Leftover[];
  /** What could not be removed, and why. */
  readonly failed: readonly { readonly path: string; readonly why: string }[];
  readonly freedBytes: number;
  /** What is left, in bytes; more than the limit when what is left must stay. */
  readonly keptBytes: number;
}

/**
 * Makes room: removes what dead runs left, downloads that nobody went on with for a week, and then, until the cache is
 * within its limit, what was not used for the longest time. Images that records count on stay unless `all`;
 * what is in use stays always.
 */
export async function pruneCache(options: PruneOptions): Promise<PrunedCache> {
  const { cacheDir, signal, all = false, dryRun = false, maxBytes = DEFAULT_CACHE_BYTES } = options;
  const directories = cacheDirectories(cacheDir);
  const { removed: leftovers, failed: held } = dryRun
    ? { removed: await findLeftovers({ directories }), failed: [] }
    : await removeLeftovers({ directories });
  const failed = held.map(({ leftover, why }) => ({ path: leftover.name, why }));
  const entries = await listCache(options);
  let keptBytes = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const before = keptBytes;
  const removed: CacheEntry[] = [];
  for (const entry of entries) {
    signal.throwIfAborted();
    const abandoned =
      entry.kind === 'partial-download' && Date.now() - entry.lastUsed.getTime() > ABANDONED_MS;
    const wanted = all || abandoned || (keptBytes > maxBytes && !entry.recorded);
    if (!wanted || entry.inUse !== undefined || isKept(entry, options)) continue;
    const why = dryRun ? undefined : await removeEntry(entry);
    if (why !== undefined) {
      failed.push({ path: entry.path, why });
      continue;
    }
    removed.push(entry);
    keptBytes -= entry.sizeBytes;
  }
  return { removed, leftovers, failed, freedBytes: before - keptBytes, keptBytes };
}

function isKept({ kind, lastUsed }: CacheEntry, { keepResults, keepUsedSince }: PruneOptions): boolean {
  return (
    (kind === 'result' && keepResults === true) || (keepUsedSince !== undefined && lastUsed >= keepUsedSince)
  );
}
