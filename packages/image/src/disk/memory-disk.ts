import type { WritableDisk } from './disk.js';
import { assertInside } from './disk-bounds.js';

/** A disk whose bytes are those of a buffer; for small images and for tests. */
export class MemoryDisk implements WritableDisk {
  constructor(
    /** What is on the disk; changes of it are changes of the disk. */
    readonly bytes: Buffer,
  ) {}

  get sizeBytes(): number {
    return this.bytes.length;
  }

  async read(offset: number, length: number): Promise<Buffer> {
    assertInside(this, offset, length);
    return await Promise.resolve(Buffer.from(this.bytes.subarray(offset, offset + length)));
  }

  async write(offset: number, data: Uint8Array): Promise<void> {
    assertInside(this, offset, data.byteLength);
    this.bytes.set(data, offset);
    await Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
