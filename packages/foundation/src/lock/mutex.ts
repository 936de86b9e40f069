import { addAbortListener } from 'node:events';

/** Lets one in at a time, in the order of arrival. */
export class Mutex {
  #held = false;
  readonly #waiting: (() => void)[] = [];

  /** Whether somebody is in. */
  get busy(): boolean {
    return this.#held;
  }

  /**
   * Waits for the turn.
   *
   * @returns Ends the turn when called.
   * @throws The signal's reason when it fires while waiting.
   */
  async acquire(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.#held) await this.#turn(signal);
    this.#held = true;
    let ended = false;
    return () => {
      if (ended) return; // a second call would end somebody else's turn
      ended = true;
      this.#held = false;
      this.#waiting.shift()?.();
    };
  }

  /**
   * Runs `work` in its turn, whether what ran before succeeded or not.
   *
   * @throws What `work` throws; the signal's reason when it fires while waiting, and `work` is then not run.
   */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const end = await this.acquire(signal);
    try {
      return await work();
    } finally {
      end();
    }
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const grant = () => {
        listener?.[Symbol.dispose]();
        this.#held = true; // before anybody else can come in between
        resolve();
      };
      const listener =
        signal &&
        addAbortListener(signal, () => {
          this.#waiting.splice(this.#waiting.indexOf(grant), 1);
          reject(signal.reason as Error);
        });
      this.#waiting.push(grant);
    });
  }
}
