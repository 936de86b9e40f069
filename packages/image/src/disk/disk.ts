/**
 * Bytes addressed from zero: an image file, an .xz read at random, a partition, an overlay of writes.
 *
 * @remarks Offsets and lengths are bytes and safe integers. Reads and writes beyond the end are errors.
 * A disk tolerates concurrent reads; writers serialise themselves.
 */
export interface ReadableDisk extends AsyncDisposable {
  /** Size in bytes. */
  readonly sizeBytes: number;
  /** Reads exactly `length` bytes at `offset` into a buffer that the caller may keep and change. */
  read(offset: number, length: number): Promise<Buffer>;
}

/** A disk that can be changed. What is written is seen by the next read; durability is its owner's affair. */
export interface WritableDisk extends ReadableDisk {
  /** Writes all of `data` at `offset`; `data` may be reused by the caller afterwards. */
  write(offset: number, data: Uint8Array): Promise<void>;
}
