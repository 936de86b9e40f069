import type { WritableDisk } from '../disk/disk.js';
import type { Segment } from './block-run.js';

const PIECE_BYTES = 1 << 18;

/** Writes bytes one after the other into segments of blocks, in large pieces; the last block is filled with zeros. */
export class SequentialWriter {
  readonly #pending: Buffer[] = [];
  #pendingBytes = 0;
  #segment = 0;
  /** Bytes of the current segment that are written. */
  #offset = 0;

  constructor(
    private readonly disk: WritableDisk,
    private readonly blockSize: number,
    private readonly segments: readonly Segment[],
  ) {}

  async write(data: Uint8Array): Promise<void> {
    for (let at = 0; at < data.length; at += PIECE_BYTES) {
      const piece = data.subarray(at, at + PIECE_BYTES);
      if (piece.length === PIECE_BYTES && this.#pendingBytes === 0) {
        await this.#put(piece);
        continue;
      }
      this.#pending.push(Buffer.from(piece)); // copied: a stream may use its buffer again
      this.#pendingBytes += piece.length;
      if (this.#pendingBytes >= PIECE_BYTES) await this.#flush();
    }
  }

  async finish(): Promise<void> {
    const partial = (this.#offset + this.#pendingBytes) % this.blockSize;
    if (partial > 0) await this.write(Buffer.alloc(this.blockSize - partial));
    await this.#flush();
  }

  async #flush(): Promise<void> {
    const data = Buffer.concat(this.#pending);
    this.#pending.length = 0;
    this.#pendingBytes = 0;
    await this.#put(data);
  }

  async #put(bytes: Uint8Array): Promise<void> {
    let data = bytes;
    while (data.length > 0) {
      const segment = this.segments[this.#segment];
      if (!segment) throw new RangeError('more bytes than blocks to write them to');
      const room = segment.count * this.blockSize - this.#offset;
      const part = data.subarray(0, room);
      await this.disk.write(segment.start * this.blockSize + this.#offset, part);
      data = data.subarray(part.length);
      this.#offset += part.length;
      if (part.length < room) continue;
      this.#segment++;
      this.#offset = 0;
    }
  }
}
