/** Notices when a counter stands still; its limit is in milliseconds. */
export class Watchdog {
  readonly stalled: Promise<{ stalled: number }>;
  readonly #timer: NodeJS.Timeout;
  #limitMs: number;
  #movedAt = performance.now();

  constructor(limitMs: number, counter: () => number) {
    this.#limitMs = limitMs;
    let last = counter();
    let report: (stall: { stalled: number }) => void;
    this.stalled = new Promise((resolve) => (report = resolve));
    this.#timer = setInterval(
      () => {
        const now = counter();
        if (now !== last) {
          last = now;
          this.#movedAt = performance.now();
        } else if (performance.now() - this.#movedAt >= this.#limitMs) report({ stalled: this.#limitMs });
      },
      Math.max(10, Math.min(1000, limitMs / 4)),
    );
  }

  /** From now on another limit holds. */
  extend(limitMs: number): void {
    this.#limitMs = limitMs;
    this.#movedAt = performance.now();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
