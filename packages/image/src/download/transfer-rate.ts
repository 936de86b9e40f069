import type { Progress } from '@turingpi/foundation';

/** The rate shown is that of this many last milliseconds. */
const WINDOW_MS = 10_000;
/** Reports are at least this far apart, in milliseconds. */
const REPORT_INTERVAL_MS = 200;

/** Tells how far a transfer is, how fast, and how long it will take. */
export class TransferRate {
  readonly #samples: { readonly at: number; readonly done: number }[] = [];
  #reportedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly report: ((progress: Progress) => void) | undefined,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Begins anew at a position: what was there already was not transferred now. */
  restart(): void {
    this.#samples.length = 0;
    this.#reportedAt = Number.NEGATIVE_INFINITY;
  }

  /** Notes that `done` bytes are there. The last report is always made. */
  update(done: number, total: number | undefined): void {
    const at = this.now();
    if (at - this.#reportedAt < REPORT_INTERVAL_MS && done !== total) return;
    this.#reportedAt = at;
    this.#samples.push({ at, done });
    while (this.#samples.length > 2 && at - (this.#samples[0]?.at ?? at) > WINDOW_MS) this.#samples.shift();
    const first = this.#samples[0];
    const elapsed = first === undefined ? 0 : at - first.at;
    const rate = first === undefined || elapsed <= 0 ? undefined : ((done - first.done) * 1000) / elapsed;
    this.report?.({
      activity: 'download',
      done,
      unit: 'bytes',
      ...(total === undefined ? {} : { total }),
      ...(rate === undefined ? {} : { rate }),
      ...(rate === undefined || rate <= 0 || total === undefined
        ? {}
        : { etaMs: Math.round(((total - done) * 1000) / rate) }),
    });
  }
}
