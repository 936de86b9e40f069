import { setTimeout as delay } from 'node:timers/promises';

/** Holds a flow of bytes to a speed; idle time earns no credit. */
export class RateLimiter {
  #freeAt = 0;

  /** @param bytesPerSecond - Real bytes per real second; undefined: no limit. */
  constructor(private readonly bytesPerSecond: number | undefined) {}

  /** Resolves when the bytes have had their time. */
  async pass(bytes: number, signal?: AbortSignal): Promise<void> {
    if (this.bytesPerSecond === undefined) return;
    const now = performance.now();
    this.#freeAt = Math.max(this.#freeAt, now) + (bytes / this.bytesPerSecond) * 1000;
    const wait = this.#freeAt - now;
    if (wait > 1) await delay(wait, undefined, { ...(signal && { signal }) });
  }
}
