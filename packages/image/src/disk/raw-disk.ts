import { open, type FileHandle } from 'node:fs/promises';
import { ImageError } from '../image-error.js';
import type { WritableDisk } from './disk.js';
import { assertInside } from './disk-bounds.js';
import type { FileRange } from './file-segment.js';
import { hostFileError } from './host-file-error.js';
import { readFully } from './read-fully.js';
import { WatchedFile } from './watched-file.js';

export interface OpenRawDiskOptions {
  /** Default false: the file is opened for reading only. */
  readonly writable?: boolean;
}

/** A disk whose bytes are those of a file. */
export class RawDisk implements WritableDisk {
  readonly #file: FileHandle;

  constructor(
    file: FileHandle,
    readonly path: string,
    readonly sizeBytes: number,
    /** Tells whether somebody else changes it; of one that is only read. */
    readonly watch?: WatchedFile,
  ) {
    this.#file = file;
  }

  async read(offset: number, length: number): Promise<Buffer> {
    assertInside(this, offset, length);
    const bytes = Buffer.allocUnsafeSlow(length);
    await readFully(this.#file, this.path, bytes, offset);
    return bytes;
  }

  async write(offset: number, data: Uint8Array): Promise<void> {
    assertInside(this, offset, data.byteLength);
    try {
      for (let done = 0; done < data.byteLength;) {
        done += (await this.#file.write(data, done, data.byteLength - done, offset + done)).bytesWritten;
      }
    } catch (error) {
      throw hostFileError(error, this.path, 'write');
    }
  }

  /** The whole file, to be put into another one. */
  segment(): FileRange {
    return { file: this.#file, path: this.path, offset: 0, length: this.sizeBytes };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}

/**
 * Opens a file as a disk, byte for byte.
 *
 * @throws ImageError `IMAGE_NOT_FOUND`, `IMAGE_UNREADABLE`, or `IMAGE_NOT_AN_IMAGE` when it is not a file.
 */
export async function openRawDisk(path: string, options: OpenRawDiskOptions = {}): Promise<RawDisk> {
  let file: FileHandle;
  try {
    file = await open(path, options.writable === true ? 'r+' : 'r');
  } catch (error) {
    throw hostFileError(error, path, 'read');
  }
  try {
    const status = await file.stat();
    if (!status.isFile()) throw new ImageError('IMAGE_NOT_AN_IMAGE', `${path} is not a regular file`);
    if (options.writable === true) return new RawDisk(file, path, status.size);
    const watch = await WatchedFile.of(file, path);
    return new RawDisk(file, path, (await file.stat()).size, watch);
  } catch (error) {
    await file.close();
    throw error;
  }
}
