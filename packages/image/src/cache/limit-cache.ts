import { pruneCache, type PrunedCache } from './prune-cache.js';
import type { CacheLocation } from './list-cache.js';

/** What was used so recently may be in use by a process that no record tells of, in milliseconds. */
const SETTLED_MS = 10 * 60 * 1000;

export interface LimitCacheOptions extends CacheLocation {
  /** When that run began: what it used stays, whatever its size. */
  readonly startedAt: Date;
  /** What may stay, in bytes. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/**
 * Brings the cache back to its limit after a run, by what was not used for the longest time: downloads, converted bases,
 * pieces of blocks. Customised images always stay, as does what the run used. While another run is under way nothing goes:
 * it will do the same when it ends.
 *
 * @returns What was done, or undefined when another run is under way.
 */
export async function limitCache(options: LimitCacheOptions): Promise<PrunedCache | undefined> {
  const { cacheDir, recorded, startedAt, maxBytes, signal } = options;
  if (recorded.running) return undefined;
  return pruneCache({
    cacheDir,
    recorded,
    signal,
    maxBytes,
    keepResults: true,
    keepUsedSince: new Date(Math.min(startedAt.getTime(), Date.now() - SETTLED_MS)),
  });
}
