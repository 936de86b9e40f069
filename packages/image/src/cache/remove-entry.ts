import { rm } from 'node:fs/promises';
import { ProcessLock } from '@turingpi/foundation';
import type { CacheEntry } from './cache-entry.js';

/**
 * Removes an entry and what belongs to it.
 *
 * @returns Why it could not be removed, or undefined.
 */
export async function removeEntry({ kind, path }: CacheEntry): Promise<string | undefined> {
  try {
    if (kind !== 'partial-download') {
      await rm(path);
      if (kind === 'download') await rm(noteOf(path), { force: true });
      return undefined;
    }
    // Whoever downloads holds the lock: with it in our hands nobody writes there.
    await using lock = await ProcessLock.tryAcquire(path.slice(0, -'.partial'.length));
    if (lock === undefined) return 'it is being downloaded';
    await rm(path);
    await rm(`${path}.json`, { force: true });
    return undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined; // somebody was faster
    return error instanceof Error ? error.message : String(error);
  }
}

/** The remark beside a download: `<sha256>.json`. */
function noteOf(path: string): string {
  return path.replace(/([0-9a-f]{64})\.[a-z0-9.]+$/u, '$1.json');
}
