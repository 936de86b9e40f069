// What a zstd frame may refer back to: the window before the block that is being decoded.
import { Corrupt } from './decode-failure.mjs';

/** What is held in memory: the window of `zstd --long=27`, the most that its own decoder takes unasked. */
export const HISTORY_BYTES = 128 * 1024 * 1024;
const FIRST_BYTES = 1024 * 1024;

/** The last bytes of a frame: in memory as far as there are any, and what a long window has beyond that in a file. */
export class History {
  #ring;
  #capacity;
  #window;
  #far;
  /** Bytes that came before the current block. */
  length = 0;

  /**
   * @param window - how far back references go, in bytes.
   * @param openFar - opens the file for what does not fit in memory; called only when there may be such.
   */
  constructor(window, openFar) {
    this.#window = window;
    this.#capacity = Math.min(window, HISTORY_BYTES);
    this.#ring = new Uint8Array(Math.min(this.#capacity, FIRST_BYTES));
    this.#far = window > HISTORY_BYTES ? openFar() : undefined;
  }

  append(bytes) {
    this.#grow(bytes.length);
    this.#far?.write(bytes, this.length % this.#window, this.#window);
    const kept = bytes.length > this.#ring.length ? bytes.subarray(bytes.length - this.#ring.length) : bytes;
    const at = (this.length + bytes.length - kept.length) % this.#ring.length;
    const first = Math.min(kept.length, this.#ring.length - at);
    this.#ring.set(kept.subarray(0, first), at);
    this.#ring.set(kept.subarray(first), 0);
    this.length += bytes.length;
  }

  /** Copies `count` bytes that lie `back` bytes before the current block. */
  copy(back, count, target, to) {
    if (back > this.length || back > this.#window) throw new Corrupt('a reference goes back too far');
    if (back > this.#ring.length) {
      this.#far.read(target.subarray(to, to + count), (this.length - back) % this.#window, this.#window);
      return;
    }
    const from = (this.length - back) % this.#ring.length;
    const first = Math.min(count, this.#ring.length - from);
    target.set(this.#ring.subarray(from, from + first), to);
    if (first < count) target.set(this.#ring.subarray(0, count - first), to + first);
  }

  /** As long as nothing was overwritten, the ring lies from its beginning on. */
  #grow(more) {
    if (this.#ring.length === this.#capacity || this.length + more <= this.#ring.length) return;
    const ring = new Uint8Array(
      Math.min(this.#capacity, Math.max(this.#ring.length * 2, this.length + more)),
    );
    ring.set(this.#ring.subarray(0, this.length));
    this.#ring = ring;
  }
}
