import { setTimeout as sleep } from 'node:timers/promises';
import type { LeaseEntry } from './lease-entry.js';

/** How an owner is watched, in milliseconds. */
export interface OwnerWatchOptions {
  /** An owner whose sign has not changed for this long is gone. */
  readonly staleMs: number;
  /** Between two looks. */
  readonly lookMs: number;
  readonly signal: AbortSignal;
}

/**
 * Tells whether the owner of a lease lives who cannot be asked, since it runs on another host.
 *
 * @remarks It is watched: an entry that changes has a living owner. Only our own monotonic clock is read, so that no
 * clock has to be right, neither the owner's nor ours.
 */
export class OwnerWatch {
  #stale: string | undefined;

  constructor(private readonly read: () => Promise<LeaseEntry | undefined>) {}

  /** Whether this very lease was watched, and nobody was there. */
  isStale(entry: LeaseEntry): boolean {
    return this.#stale === markOf(entry);
  }

  /** Watches a lease until it changes, or for as long as owners have. @throws the signal's reason. */
  async isAlive(entry: LeaseEntry, { staleMs, lookMs, signal }: OwnerWatchOptions): Promise<boolean> {
    const mark = markOf(entry);
    const until = performance.now() + staleMs;
    while (performance.now() < until) {
      await sleep(lookMs, undefined, { signal }).catch(() => signal.throwIfAborted());
      const now = await this.read();
      if (now === undefined || markOf(now) !== mark) return true; // also when it has just ended: it was no crash
    }
    this.#stale = mark;
    return false;
  }
}

function markOf({ fence, owner, revision }: LeaseEntry): string {
  return JSON.stringify([fence, owner, revision]);
}
