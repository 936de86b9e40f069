import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorCategory, TuringPiError } from '@turingpi/foundation';
import type { NodeSummary } from './cluster-summary.js';

/** How often a node that failed is run again. */
export interface RetryOptions {
  /** Further attempts after the first. */
  readonly times: number;
  /** Before the first of them, in milliseconds; twice as long before each next one, at most five minutes. Default 10 s. */
  readonly delayMs?: number;
}

/** What may be otherwise next time. What the user has to change, or to approve, is not. */
const WORTH_IT: ReadonlySet<ErrorCategory> = new Set(['connection', 'phase', 'failed']);

const TEN_SECONDS_MS = 10_000;
const FIVE_MINUTES_MS = 300_000;

/** Whether it makes sense to run a node again that has ended so. */
export function isWorthRetry({ outcome, error }: Pick<NodeSummary, 'outcome' | 'error'>): boolean {
  return outcome === 'failed' && TuringPiError.is(error) && WORTH_IT.has(error.category);
}

/** The wait before an attempt, in milliseconds; the first further one is number 1. */
export function delayBefore(attempt: number, { delayMs = TEN_SECONDS_MS }: RetryOptions): number {
  return Math.min(delayMs * 2 ** (attempt - 1), Math.max(delayMs, FIVE_MINUTES_MS));
}

/** Runs a node until it does not fail any more, or has failed often enough. */
export async function withRetries(
  run: () => Promise<NodeSummary>,
  retry: RetryOptions | undefined,
  signal: AbortSignal,
): Promise<NodeSummary> {
  for (let attempt = 1; ; attempt += 1) {
    const summary = await run();
    if (retry === undefined || attempt > retry.times || !isWorthRetry(summary)) return summary;
    await sleep(delayBefore(attempt, retry), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return summary;
  }
}
