/** Collects output up to a limit and forgets the oldest bytes beyond it: the last lines say what went wrong. */
export class OutputTail {
  readonly #chunks: Buffer[] = [];
  #length = 0;
  #truncated = false;

  constructor(readonly maxBytes: number) {}

  /** Whether bytes at the beginning were dropped. */
  get truncated(): boolean {
    return this.#truncated;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    while (this.#length > this.maxBytes) {
      const excess = this.#length - this.maxBytes;
      const first = this.#chunks[0];
      if (first === undefined) return;
      this.#truncated = true;
      if (first.length <= excess) this.#chunks.shift();
      else this.#chunks[0] = first.subarray(excess);
      this.#length -= Math.min(first.length, excess);
    }
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** As UTF-8; a character cut in half by the limit is dropped. */
  text(): string {
    const bytes = this.bytes();
    if (!this.#truncated) return bytes.toString('utf8');
    let start = 0;
    while (start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
    return bytes.subarray(start).toString('utf8');
  }
}
