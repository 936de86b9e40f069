import { setTimeout as delay } from 'node:timers/promises';

/** How fast a virtual board's time runs. */
export interface BoardClockOptions {
  /** Factor by which everything the board itself takes is shortened: power steps, bring-up, reset, restart. Default 1. */
  readonly scale?: number;
  /**
   * Factor by which the limits put on clients are shortened: TLS handshake 3 s, first request 5 s, upload begun within
   * 10 s, bans, token life. Default 1, also with a fast `scale`: a loaded machine must not look like a slow client.
   */
  readonly deadlineScale?: number;
}

/** The time of a virtual board, which may run faster than ours. */
export class BoardClock {
  readonly scale: number;
  readonly deadlineScale: number;
  readonly #origin = process.hrtime.bigint();
  #skippedNs = 0n;

  constructor(options: BoardClockOptions = {}) {
    this.scale = positive('scale', options.scale ?? 1);
    this.deadlineScale = positive('deadlineScale', options.deadlineScale ?? 1);
  }

  /** Waits for work of the board that takes `ms` on the real one. */
  async work(ms: number, signal?: AbortSignal): Promise<void> {
    await delay(ms / this.scale, undefined, { ...(signal && { signal }) });
  }

  /** Waits for a limit that is `ms` on the real board. */
  async limit(ms: number): Promise<void> {
    await delay(this.limitMs(ms));
  }

  /** Real milliseconds of a limit that is `ms` on the real board. */
  limitMs(ms: number): number {
    return ms / this.deadlineScale;
  }

  /** Nanoseconds of board time, in which bans and tokens are counted. */
  nowNs(): bigint {
    const real = process.hrtime.bigint() - this.#origin;
    return this.#skippedNs + BigInt(Math.round(Number(real) * this.deadlineScale));
  }

  /** Lets time pass for bans and tokens without waiting for it. */
  skip(ms: number): void {
    this.#skippedNs += BigInt(Math.round(ms * 1e6));
  }

  /** Milliseconds of board time measured by its work rather than by its limits. */
  workedMs(): number {
    return (Number(process.hrtime.bigint() - this.#origin) / 1e6) * this.scale;
  }
}

function positive(name: string, value: number): number {
  if (!(value > 0) || !Number.isFinite(value))
    throw new RangeError(`${name} must be a positive number, got ${value}`);
  return value;
}
