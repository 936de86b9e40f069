/** Runs asynchronous work one piece after the other, in the order in which it was given. */
export class SerialQueue {
  #tail: Promise<unknown> = Promise.resolve();

  /** Runs `work` after everything given before, whether that succeeded or not. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work, work);
    this.#tail = result.catch(() => undefined);
    return result;
  }
}
