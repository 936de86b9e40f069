/** Wakes all who wait for something to change. */
export class Bell {
  #waiting = new Set<() => void>();

  ring(): void {
    const woken = this.#waiting;
    this.#waiting = new Set();
    for (const wake of woken) wake();
  }

  /** Resolves when it rings; at the latest after so many milliseconds, where they are given, or when the signal fires. */
  async rung(options: { readonly withinMs?: number; readonly signal?: AbortSignal } = {}): Promise<void> {
    const { withinMs, signal } = options;
    if (signal?.aborted === true) return;
    let wake: () => void = () => undefined;
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve) => {
        wake = resolve;
        this.#waiting.add(wake);
        signal?.addEventListener('abort', wake, { once: true });
        if (withinMs !== undefined) timer = setTimeout(wake, withinMs);
      });
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(wake);
      signal?.removeEventListener('abort', wake);
    }
  }
}
