import type { WritableDisk } from '../disk/disk.js';
import { ImageError } from '../image-error.js';
import type { FatGeometry } from './fat-geometry.js';

/** A part of the table in memory. */
export interface FatPage {
  readonly bytes: Buffer;
  readonly dirtySectors: Set<number>;
}

/** A multiple of 4, 2 and 1.5 bytes and of every sector size: no entry lies on two pages. */
const PAGE_BYTES = 12 * 1024;
const MAX_PAGES = 512;
const BITS = { FAT12: 12, FAT16: 16, FAT32: 28 } as const;

/**
 * The entries of the file allocation table, one number for each cluster.
 *
 * @remarks Changes stay in memory until `flush`, which writes every copy of the table; the page cache is bounded.
 */
export class FatEntries {
  /** From here on every value ends a chain. */
  readonly endMark: number;
  readonly #pages = new Map<number, FatPage>();
  readonly #entriesPerPage: number;
  /** Offsets in the table of the sectors written so far. */
  readonly #written = new Set<number>();

  constructor(
    private readonly disk: WritableDisk,
    readonly geometry: FatGeometry,
  ) {
    const bits = BITS[geometry.variant];
    this.#entriesPerPage = (PAGE_BYTES * 8) / (bits === 28 ? 32 : bits);
    this.endMark = 2 ** bits - 8;
  }

  isCluster(cluster: number): boolean {
    return cluster >= 2 && cluster < this.geometry.clusterCount + 2;
  }

  /** The page with a cluster's entry if it is in memory: for loops that would wait for nothing most of the time. */
  loaded(cluster: number): FatPage | undefined {
    return this.#pages.get(Math.floor(cluster / this.#entriesPerPage));
  }

  /** Loads the page with a cluster's entry. */
  async load(cluster: number): Promise<FatPage> {
    const index = Math.floor(cluster / this.#entriesPerPage);
    const cached = this.#pages.get(index);
    if (cached !== undefined) return cached;
    if (this.#pages.size >= MAX_PAGES) {
      await this.flush();
      this.#pages.clear();
    }
    const { fatOffset, fatBytes } = this.geometry;
    const start = index * PAGE_BYTES;
    const bytes = await this.disk.read(fatOffset + start, Math.min(PAGE_BYTES, fatBytes - start));
    const page = { bytes, dirtySectors: new Set<number>() };
    this.#pages.set(index, page);
    return page;
  }

  /** The first cluster whose entry is no longer on the page of this one's, or that does not exist. */
  endOfPage(cluster: number): number {
    const next = (Math.floor(cluster / this.#entriesPerPage) + 1) * this.#entriesPerPage;
    return Math.min(next, this.geometry.clusterCount + 2);
  }

  /** The entry of a cluster on its page: 0 for a free one. */
  read(page: FatPage, cluster: number): number {
    const index = cluster % this.#entriesPerPage;
    switch (this.geometry.variant) {
      case 'FAT32':
        return page.bytes.readUInt32LE(index * 4) & 0x0fff_ffff;
      case 'FAT16':
        return page.bytes.readUInt16LE(index * 2);
      case 'FAT12': {
        const pair = page.bytes.readUInt16LE(index + (index >> 1));
        return (index & 1) === 0 ? pair & 0xfff : pair >> 4;
      }
    }
  }

  /** Changes the entry of a cluster. */
  async write(cluster: number, value: number): Promise<void> {
    if (!this.isCluster(cluster)) throw corrupt(`cluster ${cluster} does not exist`);
    const page = await this.load(cluster);
    const index = cluster % this.#entriesPerPage;
    let at: number;
    let length = 2;
    switch (this.geometry.variant) {
      case 'FAT32': {
        at = index * 4;
        length = 4;
        const reserved = page.bytes.readUInt32LE(at) & 0xf000_0000;
        page.bytes.writeUInt32LE((reserved | value) >>> 0, at);
        break;
      }
      case 'FAT16':
        at = index * 2;
        page.bytes.writeUInt16LE(value, at);
        break;
      case 'FAT12': {
        at = index + (index >> 1);
        const pair = page.bytes.readUInt16LE(at);
        page.bytes.writeUInt16LE(
          (index & 1) === 0 ? (pair & 0xf000) | value : (pair & 0xf) | (value << 4),
          at,
        );
      }
    }
    const { sectorBytes } = this.geometry;
    page.dirtySectors.add(Math.floor(at / sectorBytes));
    page.dirtySectors.add(Math.floor((at + length - 1) / sectorBytes));
  }

  /** Writes the changed sectors into every copy of the table. */
  async flush(): Promise<void> {
    const { fatOffset, fatBytes, fatCopies, sectorBytes } = this.geometry;
    for (const [index, page] of this.#pages) {
      for (const sector of page.dirtySectors) {
        this.#written.add(index * PAGE_BYTES + sector * sectorBytes);
        const data = page.bytes.subarray(sector * sectorBytes, (sector + 1) * sectorBytes);
        for (let copy = 0; copy < fatCopies; copy++)
          await this.disk.write(
            fatOffset + copy * fatBytes + index * PAGE_BYTES + sector * sectorBytes,
            data,
          );
      }
      page.dirtySectors.clear();
    }
  }

  /**
   * Compares what was changed since the opening between the copies of the table.
   *
   * @throws ImageError `IMAGE_SELF_CHECK_FAILED`.
   */
  async assertCopiesEqual(): Promise<void> {
    const { fatOffset, fatBytes, fatCopies, sectorBytes } = this.geometry;
    for (const at of this.#written) {
      const first = await this.disk.read(fatOffset + at, sectorBytes);
      for (let copy = 1; copy < fatCopies; copy++) {
        if (!first.equals(await this.disk.read(fatOffset + copy * fatBytes + at, sectorBytes)))
          throw new ImageError('IMAGE_SELF_CHECK_FAILED', 'The copies of the FAT differ after the edit.');
      }
    }
  }
}

function corrupt(what: string): ImageError {
  return new ImageError('IMAGE_FILESYSTEM_CORRUPT', `The FAT filesystem is damaged: ${what}.`);
}
