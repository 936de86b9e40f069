import type { StepContext, StepName } from '@turingpi/fleet/orchestrator';

/** How many steps of a kind an agent does side by side. */
export class SiteSlots {
  readonly #taken = new Map<StepName, number>();
  readonly #waiting = new Map<StepName, (() => void)[]>();

  /**
   * Waits until a step may run.
   *
   * @param limit - how many of its kind may run then
   * @returns Gives the slot back when disposed.
   * @throws The signal's reason.
   */
  async take(step: StepName, limit: number, { signal, heartbeat }: StepContext): Promise<AsyncDisposable> {
    while ((this.#taken.get(step) ?? 0) >= limit) {
      heartbeat({ doing: 'waiting for others of the site' });
      await this.#change(step, signal);
    }
    signal.throwIfAborted();
    this.#taken.set(step, (this.#taken.get(step) ?? 0) + 1);
    return {
      [Symbol.asyncDispose]: () => {
        this.#taken.set(step, (this.#taken.get(step) ?? 1) - 1);
        for (const wake of this.#waiting.get(step)?.splice(0) ?? []) wake();
        return Promise.resolve();
      },
    };
  }

  async #change(step: StepName, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const waiting = this.#waiting.get(step) ?? [];
    this.#waiting.set(step, waiting);
    let stop: () => void = () => undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        waiting.push(resolve);
        stop = () => reject(signal.reason as Error);
        signal.addEventListener('abort', stop);
      });
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }
}
