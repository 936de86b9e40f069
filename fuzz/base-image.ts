import { closeSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { MemoryDisk, openRawDisk, OverlayDisk, type WritableDisk } from '@turingpi/image';
import { copySparsely } from './programs.js';

/** An image in memory that many copies are made of; copies get only what differs written, and keep their holes. */
export class BaseImage {
  readonly #bytes: Buffer;

  constructor(readonly path: string) {
    this.#bytes = readFileSync(path);
  }

  /** Makes a copy that nothing was done to. */
  copyTo(target: string): void {
    copySparsely(this.path, target);
  }

  /** Makes a copy with everything that `edit` does to it. */
  async edit<T>(target: string, edit: (disk: WritableDisk) => Promise<T>): Promise<T> {
    await using overlay = new OverlayDisk(new MemoryDisk(this.#bytes), { cacheDir: tmpdir() });
    const result = await edit(overlay);
    this.copyTo(target);
    const descriptor = openSync(target, 'r+');
    try {
      for (const { offset, length } of overlay.dirtyRanges())
        writeSync(descriptor, await overlay.read(offset, length), 0, length, offset);
    } finally {
      closeSync(descriptor);
    }
    return result;
  }
}

/** Above this many bytes an image is read where it lies. */
const IN_MEMORY_BYTES = 64 << 20;

/** Lets a driver read an image file: from memory, as it reads in many small pieces, unless it is a large one. */
export async function readImage<T>(path: string, read: (disk: WritableDisk) => Promise<T>): Promise<T> {
  const large = statSync(path).size > IN_MEMORY_BYTES;
  await using disk = large ? await openRawDisk(path, { writable: true }) : new MemoryDisk(readFileSync(path));
  return await read(disk);
}
