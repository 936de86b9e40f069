import { createHash } from 'node:crypto';

/** What is compared at a time, in bytes. */
export const PIECE_BYTES = 1024 * 1024;

/** Digests of the pieces of a disk, to find later what was changed without reading the original again. */
export class BaseDigests {
  readonly #digests: Buffer[] = [];
  #pending = createHash('sha256');
  #pendingBytes = 0;

  /** Takes the disk's bytes in order. */
  add(bytes: Buffer): void {
    for (let from = 0; from < bytes.length;) {
      const to = Math.min(bytes.length, from + PIECE_BYTES - this.#pendingBytes);
      this.#pending.update(bytes.subarray(from, to));
      this.#pendingBytes += to - from;
      if (this.#pendingBytes === PIECE_BYTES) this.finish();
      from = to;
    }
  }

  /** Ends the last piece. */
  finish(): void {
    if (this.#pendingBytes === 0) return;
    this.#digests.push(this.#pending.digest());
    this.#pending = createHash('sha256');
    this.#pendingBytes = 0;
  }

  /** Whether a piece, counted from zero, has the bytes that it had. */
  equals(piece: number, bytes: Buffer): boolean {
    return this.#digests[piece]?.equals(createHash('sha256').update(bytes).digest()) ?? false;
  }
}
