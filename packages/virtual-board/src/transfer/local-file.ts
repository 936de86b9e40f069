import { type FileHandle, open } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { internalError } from '../http/request-error.js';
import type { ByteSource } from './byte-source.js';
import { SourceError } from './transfer-error.js';

const SD_CARD = '/mnt/sdcard';
const BLOCK = 512 * 1024;

/** A file on the BMC, of which the virtual board has only the SD card. */
export class LocalFile implements ByteSource {
  private constructor(
    private readonly handle: FileHandle,
    readonly size: number,
    private readonly directory: boolean,
  ) {}

  /** @param sdCardDir - What lies at `/mnt/sdcard`. @throws RequestError when there is no such file. */
  static async open(path: string, sdCardDir: string): Promise<LocalFile> {
    const absolute = posix.resolve('/', path);
    const missing = internalError(path, 'No such file or directory (os error 2)');
    if (absolute !== SD_CARD && !absolute.startsWith(`${SD_CARD}/`)) throw missing;
    let handle: FileHandle;
    try {
      handle = await open(join(sdCardDir, absolute.slice(SD_CARD.length)), 'r');
    } catch (cause) {
      throw (cause as NodeJS.ErrnoException).code === 'ENOENT' ? missing : cause;
    }
    const stat = await handle.stat();
    return new LocalFile(handle, stat.size, stat.isDirectory());
  }

  async read(signal: AbortSignal): Promise<Buffer | undefined> {
    signal.throwIfAborted();
    if (this.directory) throw new SourceError('Is a directory (os error 21)');
    const buffer = Buffer.alloc(BLOCK);
    const { bytesRead } = await this.handle.read(buffer, 0, BLOCK);
    return bytesRead === 0 ? undefined : buffer.subarray(0, bytesRead);
  }

  close(): void {
    void this.handle.close().catch(() => undefined); // closed already
  }
}
