const CAPACITY = 16 * 1024;

/** The last 16 KiB a node printed on its serial console (bmc-api.md §5.5). */
export class UartRing {
  #bytes = Buffer.alloc(0);

  append(bytes: Buffer): void {
    const joined = Buffer.concat([this.#bytes, bytes]);
    this.#bytes = joined.subarray(Math.max(0, joined.length - CAPACITY));
  }

  /** Everything held; `drain` empties the ring, as firmware before 2.3 does. */
  read(drain: boolean): Buffer {
    const held = this.#bytes;
    if (drain) this.clear();
    return held;
  }

  clear(): void {
    this.#bytes = Buffer.alloc(0);
  }
}
