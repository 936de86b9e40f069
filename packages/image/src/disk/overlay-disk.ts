import type { ReadableDisk, WritableDisk } from './disk.js';
import { assertInside } from './disk-bounds.js';
import { PageStore } from './page-store.js';

/** A range of a disk in bytes. */
export interface DiskRange {
  readonly offset: number;
  readonly length: number;
}

export interface OverlayDiskOptions {
  /** Where changed pages go that do not fit in memory. */
  readonly cacheDir: string;
  /** How much is kept in memory. Default 64 MiB. */
  readonly memoryBytes?: number;
}

/** A disk that can use knowing early what will be written over it. */
export interface OverlayBase extends ReadableDisk {
  /** Begins to prepare for edits of a range, in the background; must not fail. */
  prepareToWrite?(range: DiskRange): void;
}

/** Granularity of copy-on-write, in bytes. */
export const OVERLAY_PAGE_BYTES = 4096;

/**
 * Writes over a disk that stays as it is: changed pages of 4 KiB are kept in memory, and beyond a bound in a scratch
 * file.
 *
 * @remarks Disposing it forgets the changes; the disk underneath stays open.
 */
export class OverlayDisk implements WritableDisk {
  readonly sizeBytes: number;
  readonly #base: OverlayBase;
  readonly #pages: PageStore;

  constructor(base: OverlayBase, options: OverlayDiskOptions) {
    this.#base = base;
    this.sizeBytes = base.sizeBytes;
    this.#pages = new PageStore(
      OVERLAY_PAGE_BYTES,
      options.memoryBytes ?? 64 * 1024 * 1024,
      options.cacheDir,
    );
  }

  async read(offset: number, length: number): Promise<Buffer> {
    assertInside(this, offset, length);
    const end = offset + length;
    const target = Buffer.allocUnsafeSlow(length);
    for (let position = offset; position < end;) {
      const page = Math.floor(position / OVERLAY_PAGE_BYTES);
      if (this.#pages.has(page)) {
        const stop = Math.min(end, (page + 1) * OVERLAY_PAGE_BYTES);
        const bytes = await this.#pages.get(page);
        bytes.copy(
          target,
          position - offset,
          position % OVERLAY_PAGE_BYTES,
          stop - page * OVERLAY_PAGE_BYTES,
        );
        position = stop;
      } else {
        const stop = Math.min(end, this.#untouchedUntil(page, end));
        const bytes = await this.#base.read(position, stop - position);
        if (stop - position === length) return bytes;
        bytes.copy(target, position - offset);
        position = stop;
      }
    }
    return target;
  }

  async write(offset: number, data: Uint8Array): Promise<void> {
    assertInside(this, offset, data.byteLength);
    if (data.byteLength === 0) return;
    this.#base.prepareToWrite?.({ offset, length: data.byteLength });
    const end = offset + data.byteLength;
    for (let position = offset; position < end;) {
      const page = Math.floor(position / OVERLAY_PAGE_BYTES);
      const start = page * OVERLAY_PAGE_BYTES;
      const stop = Math.min(end, start + OVERLAY_PAGE_BYTES);
      const part = data.subarray(position - offset, stop - offset);
      const whole =
        part.byteLength === OVERLAY_PAGE_BYTES ? undefined : await this.#pageToChange(page, start);
      whole?.set(part, position - start);
      await this.#pages.set(page, whole ?? part);
      position = stop;
    }
  }

  /** What differs (or may differ) from the disk underneath: whole pages, in order, neighbours joined. */
  dirtyRanges(): DiskRange[] {
    const ranges: { offset: number; length: number }[] = [];
    for (const page of this.#pages.sortedIndexes()) {
      const offset = page * OVERLAY_PAGE_BYTES;
      const length = Math.min(OVERLAY_PAGE_BYTES, this.sizeBytes - offset);
      const last = ranges.at(-1);
      if (last && last.offset + last.length === offset) last.length += length;
      else ranges.push({ offset, length });
    }
    return ranges;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pages[Symbol.asyncDispose]();
  }

  #untouchedUntil(firstPage: number, end: number): number {
    let page = firstPage + 1;
    while (page * OVERLAY_PAGE_BYTES < end && !this.#pages.has(page)) page++;
    return page * OVERLAY_PAGE_BYTES;
  }

  async #pageToChange(page: number, start: number): Promise<Buffer> {
    const whole = Buffer.alloc(OVERLAY_PAGE_BYTES);
    const present = this.#pages.has(page)
      ? await this.#pages.get(page)
      : await this.#base.read(start, Math.min(OVERLAY_PAGE_BYTES, this.sizeBytes - start));
    present.copy(whole);
    return whole;
  }
}

/** Tells whether a range meets any of some ordered ranges. */
export function overlapsAny(ranges: readonly DiskRange[], offset: number, length: number): boolean {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const range = ranges[middle];
    if (range && range.offset + range.length <= offset) low = middle + 1;
    else high = middle;
  }
  const next = ranges[low];
  return next !== undefined && next.offset < offset + length;
}
