import type { ByteSource } from './byte-source.js';

/**
 * The short queue between an upload and its worker.
 *
 * @remarks It is full while the node is brought up, so an upload stalls there
 * (docs/reference/bmc-protocol.md, "Upload").
 */
export class ChunkQueue implements ByteSource {
  readonly #chunks: Buffer[] = [];
  #ended = false;
  #closed = false;
  #wake = new Set<() => void>();

  constructor(private readonly capacity: number) {}

  /** Hands a chunk over, waiting for room. False when the worker is gone. @throws the signal's reason */
  async send(chunk: Buffer, signal: AbortSignal): Promise<boolean> {
    while (!this.#closed && this.#chunks.length >= this.capacity) {
      signal.throwIfAborted();
      await this.#change(signal);
    }
    if (this.#closed) return false;
    this.#chunks.push(chunk);
    this.#notify();
    return true;
  }

  /** No more chunks will come: the worker sees a clean end, whatever the reason. */
  end(): void {
    this.#ended = true;
    this.#notify();
  }

  async read(signal: AbortSignal): Promise<Buffer | undefined> {
    for (;;) {
      signal.throwIfAborted();
      const chunk = this.#chunks.shift();
      if (chunk) {
        this.#notify();
        return chunk;
      }
      if (this.#ended) return undefined;
      await this.#change(signal);
    }
  }

  close(): void {
    this.#closed = true;
    this.#chunks.length = 0;
    this.#notify();
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#wake.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#wake.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  #notify(): void {
    for (const wake of this.#wake) wake();
  }
}
