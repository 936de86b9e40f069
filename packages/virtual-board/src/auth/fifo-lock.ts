/**
 * A lock handed on in the order in which it was asked for (docs/reference/bmc-protocol.md, "One lock for all clients").
 */
export class FifoLock {
  #tail: Promise<void> = Promise.resolve();

  /** Waits for the lock; the returned function releases it. */
  async acquire(): Promise<() => void> {
    const before = this.#tail;
    let release: () => void = () => undefined;
    this.#tail = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    return release;
  }

  /** Forgets holders and waiters, as a daemon that was started anew. */
  reset(): void {
    this.#tail = Promise.resolve();
  }
}
