import type { ReadableDisk, WritableDisk } from './disk.js';
import { assertInside } from './disk-bounds.js';

/** A range of another disk as a disk of its own. Disposing it leaves the other disk open. */
export class ReadablePartitionDisk<Disk extends ReadableDisk = ReadableDisk> implements ReadableDisk {
  /**
   * @param offsetBytes - Where the partition begins on `disk`.
   * @throws ImageError `IMAGE_CORRUPT` when the range is not inside the disk.
   */
  constructor(
    protected readonly disk: Disk,
    readonly offsetBytes: number,
    readonly sizeBytes: number,
  ) {
    assertInside(disk, offsetBytes, sizeBytes);
  }

  async read(offset: number, length: number): Promise<Buffer> {
    assertInside(this, offset, length);
    return this.disk.read(this.offsetBytes + offset, length);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** A range of a writable disk as a writable disk of its own. */
export class PartitionDisk extends ReadablePartitionDisk<WritableDisk> implements WritableDisk {
  async write(offset: number, data: Uint8Array): Promise<void> {
    assertInside(this, offset, data.byteLength);
    await this.disk.write(this.offsetBytes + offset, data);
  }
}
