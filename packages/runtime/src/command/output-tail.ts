const FIRST_BYTES = 4096;

/**
 * Collects output up to a limit and forgets the oldest bytes beyond it: the last lines say what went wrong.
 *
 * @remarks The bytes are copied, so that memory is bounded by the limit, and not by the pieces they came in.
 */
export class OutputTail {
  #ring = Buffer.alloc(0);
  /** Where the next byte goes, once the ring is full; the oldest byte is there. */
  #at = 0;
  #length = 0;
  #truncated = false;

  constructor(readonly maxBytes: number) {}

  /** Whether bytes at the beginning were dropped. */
  get truncated(): boolean {
    return this.#truncated;
  }

  push(chunk: Buffer): void {
    const excess = this.#length + chunk.length - this.maxBytes;
    if (excess > 0) this.#truncated = true;
    const kept = chunk.length > this.maxBytes ? chunk.subarray(chunk.length - this.maxBytes) : chunk;
    this.#grow(Math.min(this.maxBytes, this.#length + kept.length));
    let from = 0;
    while (from < kept.length) {
      const copied = kept.copy(
        this.#ring,
        this.#at,
        from,
        Math.min(kept.length, from + this.#ring.length - this.#at),
      );
      from += copied;
      this.#at = this.#at + copied === this.maxBytes ? 0 : this.#at + copied;
    }
    this.#length = Math.min(this.maxBytes, this.#length + kept.length);
  }

  bytes(): Buffer {
    if (this.#length < this.maxBytes || this.#at === 0)
      return Buffer.from(this.#ring.subarray(0, this.#length));
    return Buffer.concat([this.#ring.subarray(this.#at), this.#ring.subarray(0, this.#at)]);
  }

  /** As UTF-8; a character cut in half by the limit is dropped. */
  text(): string {
    if (!this.#truncated) return this.#ring.toString('utf8', 0, this.#length);
    const bytes = this.bytes();
    let start = 0;
    while (start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
    return bytes.toString('utf8', start);
  }

  /** Makes room for so many bytes; a ring that is full has its room. */
  #grow(needed: number): void {
    if (needed <= this.#ring.length) return;
    const room = Buffer.alloc(Math.min(this.maxBytes, Math.max(needed, FIRST_BYTES, this.#ring.length * 2)));
    this.#ring.copy(room, 0, 0, this.#length);
    this.#ring = room;
  }
}
