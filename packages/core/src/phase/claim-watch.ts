import { setTimeout as sleep } from 'node:timers/promises';
import type { PhaseRecord } from '../state/state-document.js';

/** Limits of claims on phases, in milliseconds. */
export interface ClaimTimings {
  /** Between two signs of life of an owner. */
  readonly beatMs: number;
  /** An owner whose sign has not changed for this long is gone. */
  readonly staleMs: number;
  /** Between two looks at a claim that is watched. */
  readonly lookMs: number;
}

export const DEFAULT_CLAIM_TIMINGS: ClaimTimings = { beatMs: 10_000, staleMs: 45_000, lookMs: 1000 };

/**
 * Tells whether the owner of a claim lives who cannot be asked, since it runs on another host.
 *
 * @remarks It is watched: a record that changes has a living owner. Only our own monotonic clock is read, so that no
 * clock has to be right, neither the owner's nor ours.
 */
export class ClaimWatch {
  #stale: string | undefined;

  constructor(
    private readonly read: () => Promise<PhaseRecord | undefined>,
    private readonly timings: ClaimTimings,
  ) {}

  /** Whether this very claim was watched, and nobody was there. */
  isStale(record: PhaseRecord): boolean {
    return this.#stale === markOf(record);
  }

  /** Watches a claim until it changes, or for as long as owners have. @throws the signal's reason. */
  async isAlive(record: PhaseRecord, signal: AbortSignal): Promise<boolean> {
    const { staleMs, lookMs } = this.timings;
    const mark = markOf(record);
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

function markOf({ status, owner, timestamp, journal }: PhaseRecord): string {
  return JSON.stringify([status, timestamp, owner, journal?.length]);
}
