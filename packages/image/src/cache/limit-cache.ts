import { join } from 'node:path';
import { findStateFiles } from './find-state-files.js';
import { pruneCache, type PrunedCache } from './prune-cache.js';
import { readRecordedResults } from './recorded-results.js';

/** What was used so recently may be in use by a process that no state file tells of, in milliseconds. */
const SETTLED_MS = 10 * 60 * 1000;

export interface LimitCacheOptions {
  readonly cacheDir: string;
  /** The state file of the run that has ended; others in the cache are looked at as well. */
  readonly stateFile?: string;
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
  const { cacheDir, startedAt, maxBytes, signal } = options;
  const known = await findStateFiles(cacheDir);
  const stateFiles = new Set(options.stateFile === undefined ? known : [...known, options.stateFile]);
  for (const file of stateFiles) if ((await readRecordedResults(file)).running) return undefined;
  return pruneCache({
    cacheDir,
    stateFile: options.stateFile ?? join(cacheDir, 'tpi_state.json'),
    signal,
    maxBytes,
    keepResults: true,
    keepUsedSince: new Date(Math.min(startedAt.getTime(), Date.now() - SETTLED_MS)),
  });
}
