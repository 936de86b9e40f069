import type { Progress } from './progress.js';

/** The last this many milliseconds make the rate. */
const WINDOW_MS = 10_000;

/** Turns byte counts into {@link Progress} with a smoothed rate and the remaining time. */
export class RateMeter {
  #samples: { readonly at: number; readonly done: number }[] = [];

  /** @param now - a clock in milliseconds */
  constructor(
    private readonly activity: string,
    private readonly total: number | undefined,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The progress at `done` bytes. */
  at(done: number): Progress {
    const at = this.now();
    this.#samples.push({ at, done });
    while (this.#samples.length > 2 && at - (this.#samples[1]?.at ?? at) > WINDOW_MS) this.#samples.shift();
    const first = this.#samples[0];
    const elapsedMs = first ? at - first.at : 0;
    const rate = first && elapsedMs > 0 ? ((done - first.done) / elapsedMs) * 1000 : 0;
    return {
      activity: this.activity,
      done,
      ...(this.total === undefined ? {} : { total: this.total }),
      unit: 'bytes',
      ...(rate > 0 ? { rate } : {}),
      ...(rate > 0 && this.total !== undefined
        ? { etaMs: Math.max(0, ((this.total - done) / rate) * 1000) }
        : {}),
    };
  }
}
