import type { Readable } from 'node:stream';

/** How much may wait to be read before the sender is slowed down, in bytes. */
const MAX_WAITING_BYTES = 1024 * 1024;

/**
 * The body of an answer, read from the moment it arrives: everything that came before a connection broke is handed out
 * before the error, where a stream throws away what nobody has read yet.
 */
export class ReceivedBody implements AsyncIterable<Buffer> {
  readonly #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #outcome: { readonly error: Error | undefined } | undefined;
  #wake: (() => void) | undefined;

  constructor(private readonly body: Readable) {
    body.on('data', (chunk: Buffer) => {
      this.#waiting.push(chunk);
      this.#waitingBytes += chunk.length;
      if (this.#waitingBytes > MAX_WAITING_BYTES) body.pause();
      this.#wake?.();
    });
    body.once('end', () => this.#settle(undefined));
    body.on('error', (error: Error) => this.#settle(error));
    body.once('close', () => this.#settle(new Error('the body was closed')));
  }

  /** Ends it; with it the connection. */
  discard(): void {
    this.body.destroy();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    try {
      for (;;) {
        const chunk = this.#waiting.shift();
        if (chunk !== undefined) {
          this.#waitingBytes -= chunk.length;
          if (this.#waitingBytes <= MAX_WAITING_BYTES && this.body.isPaused()) this.body.resume();
          yield chunk;
        } else if (this.#outcome === undefined) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        } else if (this.#outcome.error === undefined) return;
        else throw this.#outcome.error;
      }
    } finally {
      this.discard();
    }
  }

  #settle(error: Error | undefined): void {
    this.#outcome ??= { error };
    this.#wake?.();
  }
}
