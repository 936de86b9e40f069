import { randomBytes } from 'node:crypto';
import { mkdir, open, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { hostFileError } from './host-file-error.js';
import { writeFully } from './write-fully.js';

/**
 * A temporary file that has no name: nobody else can open it, and it is gone even when this process is killed.
 *
 * @remarks Where an open file cannot be unlinked (Windows), it keeps a name ending in `.turingpi-tmp` until closed.
 */
export class ScratchFile implements AsyncDisposable {
  private constructor(
    readonly handle: FileHandle,
    readonly path: string,
    private named: boolean,
  ) {}

  /**
   * Creates one, mode 0600, in a directory that is created when missing.
   *
   * @param sizeBytes - Length of the hole that it is at first.
   * @throws ImageError `IMAGE_HOST_NO_SPACE`, `IMAGE_WRITE_FAILED`.
   */
  static async create(directory: string, sizeBytes = 0): Promise<ScratchFile> {
    const path = join(directory, `.scratch.${process.pid}.${randomBytes(6).toString('hex')}.turingpi-tmp`);
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const handle = await open(path, 'wx+', 0o600);
      const named = await unlink(path).then(
        () => false,
        () => true,
      );
      const scratch = new ScratchFile(handle, path, named);
      try {
        if (sizeBytes > 0) await handle.truncate(sizeBytes);
      } catch (error) {
        await scratch[Symbol.asyncDispose]();
        throw error;
      }
      return scratch;
    } catch (error) {
      throw hostFileError(error, path, 'write');
    }
  }

  /** Writes all of several buffers, one after another. @throws ImageError `IMAGE_HOST_NO_SPACE`, `IMAGE_WRITE_FAILED`. */
  async writeAll(buffers: readonly Buffer[], position: number): Promise<void> {
    try {
      const length = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
      const { bytesWritten } = await this.handle.writev(buffers, position);
      if (bytesWritten < length) {
        await writeFully(this.handle, Buffer.concat(buffers).subarray(bytesWritten), position + bytesWritten);
      }
    } catch (error) {
      throw hostFileError(error, this.path, 'write');
    }
  }

  /** Writes all of `bytes` at `position`. @throws ImageError `IMAGE_HOST_NO_SPACE`, `IMAGE_WRITE_FAILED`. */
  async write(bytes: Uint8Array, position: number): Promise<void> {
    try {
      await writeFully(this.handle, bytes, position);
    } catch (error) {
      throw hostFileError(error, this.path, 'write');
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.handle.close();
    if (this.named) {
      this.named = false;
      await unlink(this.path).catch(() => undefined); // a leftover in the cache directory harms nobody
    }
  }
}
