const CAPACITY = 16 * 1024;

/** The last 16 KiB a node printed on its serial console (docs/reference/bmc-protocol.md, "Serial console"). */
export class UartRing {
  #bytes = Buffer.alloc(0);
  readonly #followers = new Set<(bytes: Buffer) => void>();

  append(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at += CAPACITY)
      for (const follower of this.#followers) follower(bytes.subarray(at, at + CAPACITY));
    const joined = Buffer.concat([this.#bytes, bytes]);
    this.#bytes = joined.subarray(Math.max(0, joined.length - CAPACITY));
  }

  /** Everything held; `drain` empties the ring, as firmware before 2.3 does. */
  read(drain: boolean): Buffer {
    const held = this.#bytes;
    if (drain) this.clear();
    return held;
  }

  /** Hands on what is printed from now on, in pieces of at most 16 KiB; the returned function ends it. */
  follow(follower: (bytes: Buffer) => void): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  clear(): void {
    this.#bytes = Buffer.alloc(0);
  }
}
