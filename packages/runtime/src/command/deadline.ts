/**
 * A signal that fires when the caller aborts or a time is over, and tells which of the two it was.
 *
 * @remarks Dispose of it when the work is done: it takes its timer and listener along.
 */
export class Deadline implements Disposable {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #parent: AbortSignal | undefined;
  readonly #onAbort: () => void;
  #expired = false;

  constructor(timeoutMs: number, parent?: AbortSignal) {
    parent?.throwIfAborted();
    this.#parent = parent;
    this.#onAbort = () => this.#controller.abort(parent?.reason);
    parent?.addEventListener('abort', this.#onAbort, { once: true });
    this.#timer = setTimeout(
      () => {
        this.#expired = true;
        this.#controller.abort(new DOMException(`${timeoutMs} ms are over`, 'TimeoutError'));
      },
      Math.min(timeoutMs, 2 ** 31 - 1),
    );
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether the time is over (and not: whether the caller aborted). */
  get expired(): boolean {
    return this.#expired;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#parent?.removeEventListener('abort', this.#onAbort);
  }
}
