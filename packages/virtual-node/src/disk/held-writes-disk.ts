import type { WritableDisk } from '@turingpi/image';

const PAGE = 4096;

/**
 * The page cache of a simulated node: writes are held in memory until they are committed, and lost when they are not.
 *
 * @remarks Booting changes files (a first boot makes users and keys), but the eMMC must keep its bytes until somebody
 * uses the node. So a boot is held here, and committed together with the first thing that a user writes.
 */
export class HeldWritesDisk implements WritableDisk {
  readonly sizeBytes: number;
  readonly #pages = new Map<number, Buffer>();

  constructor(private readonly base: WritableDisk) {
    this.sizeBytes = base.sizeBytes;
  }

  async read(offset: number, length: number): Promise<Buffer> {
    const bytes = await this.base.read(offset, length);
    if (this.#pages.size === 0) return bytes;
    const last = Math.floor((offset + length - 1) / PAGE);
    for (let page = Math.floor(offset / PAGE); page <= last; page += 1)
      this.#pages
        .get(page)
        ?.copy(bytes, Math.max(0, page * PAGE - offset), Math.max(0, offset - page * PAGE));
    return bytes;
  }

  async write(offset: number, data: Uint8Array): Promise<void> {
    const end = offset + data.byteLength;
    if (offset < 0 || end > this.sizeBytes)
      throw new RangeError(`write of ${end} bytes beyond the end of the eMMC`);
    for (let at = offset; at < end;) {
      const page = Math.floor(at / PAGE);
      const stop = Math.min(end, (page + 1) * PAGE);
      const held = this.#pages.get(page) ?? (await this.#load(page));
      held.set(data.subarray(at - offset, stop - offset), at - page * PAGE);
      this.#pages.set(page, held);
      at = stop;
    }
  }

  /** Writes everything held to the eMMC. */
  async commit(): Promise<void> {
    const pages = [...this.#pages].sort(([a], [b]) => a - b);
    for (const [page, bytes] of pages) await this.base.write(page * PAGE, bytes);
    this.#pages.clear();
  }

  /** Forgets what was not committed, as a power cut does. The disk underneath stays open. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#pages.clear();
    await Promise.resolve();
  }

  async #load(page: number): Promise<Buffer> {
    return this.base.read(page * PAGE, Math.min(PAGE, this.sizeBytes - page * PAGE));
  }
}
