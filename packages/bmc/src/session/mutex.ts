/** Lets one asynchronous piece of work run at a time, in the order in which they asked. */
export class Mutex {
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** Whether something runs or waits. */
  get busy(): boolean {
    return this.#waiting > 0;
  }

  /** Runs `work` when everything before it has ended. An abort while waiting gives the place up. */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const before = this.#tail;
    const turn = (async () => {
      await before;
      signal?.throwIfAborted();
      return await work();
    })();
    this.#waiting++;
    this.#tail = turn.then(
      () => this.#waiting--,
      () => this.#waiting--,
    );
    if (!signal) return await turn;
    return await settledOrAborted(turn, before, signal);
  }
}

/** Rejects as soon as the signal fires while the turn has not come; later the work itself ends on the signal. */
async function settledOrAborted<T>(
  turn: Promise<T>,
  before: Promise<unknown>,
  signal: AbortSignal,
): Promise<T> {
  let abort: (() => void) | undefined;
  const aborted = new Promise<'aborted'>((resolve) => {
    abort = () => resolve('aborted');
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    const first = await Promise.race([before.then(() => 'turn' as const), aborted]);
    if (first === 'aborted' || signal.aborted) {
      turn.catch(() => undefined);
      signal.throwIfAborted();
    }
    return await turn;
  } finally {
    if (abort) signal.removeEventListener('abort', abort);
  }
}
