const MAX_BEFORE = 64 * 1024;
const NOTHING = Buffer.alloc(0);

/** Takes a stream up to a marker's line away; what follows passes. */
export class StartFilter {
  #before = '';
  #line: string | undefined;

  /** @param mark - How the marker's line begins; it ends with `]` and a line end. */
  constructor(readonly mark: string) {}

  /** What the marker's line says after the mark; undefined until it was seen. */
  get line(): string | undefined {
    return this.#line;
  }

  get found(): boolean {
    return this.#line !== undefined;
  }

  /** What came before the marker, or all that came so far; the last 64 KiB of it. */
  get before(): string {
    return Buffer.from(this.#before, 'latin1').toString('utf8');
  }

  /** @returns what of the piece comes after the marker. */
  push(chunk: Buffer): Buffer {
    if (this.#line !== undefined) return chunk;
    const text = this.#before + chunk.toString('latin1');
    const at = text.indexOf(this.mark);
    const close = at < 0 ? -1 : text.indexOf(']\n', at + this.mark.length);
    if (close < 0) {
      this.#before = text.slice(-MAX_BEFORE);
      return NOTHING;
    }
    this.#before = text.slice(0, at);
    this.#line = text.slice(at + this.mark.length, close).trim();
    return Buffer.from(text.slice(close + 2), 'latin1');
  }
}

const MAX_AFTER = 64;

/** Passes a stream up to a marker; nothing that follows is passed. */
export class EndFilter {
  readonly #mark: Buffer;
  #held: Buffer = NOTHING;
  #ended = false;
  #after = '';

  constructor(mark: string) {
    this.#mark = Buffer.from(mark, 'latin1');
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** The first bytes that follow the marker, as latin1. */
  get after(): string {
    return this.#after;
  }

  /** @returns what is certain to come before the marker; a piece that may be its beginning is held back. */
  push(chunk: Buffer): Buffer {
    if (this.#ended) {
      this.#note(chunk);
      return NOTHING;
    }
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const at = bytes.indexOf(this.#mark);
    if (at >= 0) {
      this.#ended = true;
      this.#note(bytes.subarray(at + this.#mark.length));
      this.#held = NOTHING;
      return bytes.subarray(0, at);
    }
    const keep = this.#beginningAtTheEndOf(bytes);
    this.#held = bytes.subarray(bytes.length - keep);
    return bytes.subarray(0, bytes.length - keep);
  }

  /** What was held back, when the stream ends without the marker. */
  flush(): Buffer {
    const rest = this.#held;
    this.#held = NOTHING;
    return rest;
  }

  #note(after: Buffer): void {
    this.#after += after.toString('latin1', 0, MAX_AFTER - this.#after.length);
  }

  #beginningAtTheEndOf(bytes: Buffer): number {
    for (let length = Math.min(bytes.length, this.#mark.length - 1); length > 0; length -= 1)
      if (bytes.subarray(bytes.length - length).equals(this.#mark.subarray(0, length))) return length;
    return 0;
  }
}
