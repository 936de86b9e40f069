import type { WritableDisk } from '../disk/disk.js';
import { ImageError } from '../image-error.js';
import type { FatGeometry } from './fat-geometry.js';

/** Neighbouring clusters. */
export interface ClusterRun {
  readonly first: number;
  readonly count: number;
}

interface Page {
  readonly bytes: Buffer;
  readonly dirtySectors: Set<number>;
}

/** A multiple of 4, 2 and 1.5 bytes and of every sector size: no entry lies on two pages. */
const PAGE_BYTES = 12 * 1024;
const MAX_PAGES = 512;
const BITS = { FAT12: 12, FAT16: 16, FAT32: 28 } as const;
const YIELD_PAGES = 256;

/**
 * The file allocation table: which cluster follows which, and which are free.
 *
 * @remarks Changes stay in memory until `flush`, which writes every copy of the table; the page cache is bounded.
 */
export class FatTable {
  readonly #pages = new Map<number, Page>();
  readonly #entriesPerPage: number;
  /** From here on every value ends a chain. */
  readonly #endMark: number;
  /** Offsets in the table of the sectors written so far. */
  readonly #written = new Set<number>();
  #free: number | undefined;
  #searchFrom: number;

  constructor(
    private readonly disk: WritableDisk,
    readonly geometry: FatGeometry,
    hint: number | undefined,
  ) {
    const bits = BITS[geometry.variant];
    this.#entriesPerPage = (PAGE_BYTES * 8) / (bits === 28 ? 32 : bits);
    this.#endMark = 2 ** bits - 8;
    this.#searchFrom = hint !== undefined && this.#isCluster(hint) ? hint : 2;
  }

  /** Where the next search for a free cluster starts. */
  get searchHint(): number {
    return this.#searchFrom;
  }

  /** Number of free clusters; counted once, then kept. */
  async freeClusters(): Promise<number> {
    this.#free ??= await this.countFree();
    return this.#free;
  }

  /** Counts the free clusters in the table itself. */
  async countFree(): Promise<number> {
    let free = 0;
    const end = this.geometry.clusterCount + 2;
    for (let cluster = 2; cluster < end;) {
      const page = await this.#page(this.#pageOf(cluster), true);
      const stop = Math.min(end, (this.#pageOf(cluster) + 1) * this.#entriesPerPage);
      for (; cluster < stop; cluster++) if (this.#read(page, cluster) === 0) free++;
    }
    return free;
  }

  /**
   * The clusters of a chain, in order.
   *
   * @throws ImageError `IMAGE_FILESYSTEM_CORRUPT` when it is longer than `maxClusters`, loops or leaves the filesystem.
   */
  async chain(first: number, maxClusters = this.geometry.clusterCount): Promise<ClusterRun[]> {
    const runs: { first: number; count: number }[] = [];
    let total = 0;
    for (let cluster = first; ;) {
      if (!this.#isCluster(cluster)) throw corrupt(`a chain of clusters points at ${cluster}`);
      const last = runs.at(-1);
      if (last !== undefined && last.first + last.count === cluster) last.count++;
      else runs.push({ first: cluster, count: 1 });
      if (++total > maxClusters) throw corrupt(`the chain from cluster ${first} is a loop or too long`);
      const page = this.#pages.get(this.#pageOf(cluster)) ?? (await this.#page(this.#pageOf(cluster)));
      const next = this.#read(page, cluster);
      if (next >= this.#endMark) return runs;
      cluster = next;
    }
  }

  /**
   * Takes free clusters and links them into one chain.
   *
   * @throws ImageError `IMAGE_NO_SPACE` before anything is changed.
   */
  async allocate(count: number): Promise<ClusterRun[]> {
    if (count === 0) return [];
    const free = await this.freeClusters();
    if (count > free) {
      const { clusterBytes } = this.geometry;
      throw new ImageError(
        'IMAGE_NO_SPACE',
        `The FAT filesystem is full: ${count * clusterBytes} bytes needed, ${free * clusterBytes} free.`,
        { details: { neededBytes: count * clusterBytes, freeBytes: free * clusterBytes } },
      );
    }
    const runs: { first: number; count: number }[] = [];
    const end = this.geometry.clusterCount + 2;
    let cluster = this.#searchFrom;
    let missing = count;
    for (let seen = 0; missing > 0 && seen < this.geometry.clusterCount;) {
      const page = await this.#page(this.#pageOf(cluster), true);
      const stop = Math.min(end, (this.#pageOf(cluster) + 1) * this.#entriesPerPage);
      for (; cluster < stop && missing > 0; cluster++, seen++) {
        if (this.#read(page, cluster) !== 0) continue;
        const last = runs.at(-1);
        if (last !== undefined && last.first + last.count === cluster) last.count++;
        else runs.push({ first: cluster, count: 1 });
        missing--;
      }
      if (cluster === end) cluster = 2;
    }
    if (missing > 0) throw corrupt('its free clusters changed while they were counted');
    this.#searchFrom = cluster;
    await this.link(runs);
    this.#free = free - count;
    return runs;
  }

  /** Chains runs in the given order, the last one ending the chain. */
  async link(runs: readonly ClusterRun[]): Promise<void> {
    for (const [index, run] of runs.entries()) {
      const after = runs[index + 1]?.first ?? this.#endMark + 7;
      for (let i = 0; i < run.count; i++)
        await this.#write(run.first + i, i === run.count - 1 ? after : run.first + i + 1);
    }
  }

  /** Appends a chain to the end of another. */
  async join(runs: readonly ClusterRun[], more: readonly ClusterRun[]): Promise<void> {
    const last = runs.at(-1);
    if (last !== undefined && more[0] !== undefined)
      await this.#write(last.first + last.count - 1, more[0].first);
  }

  /** Gives clusters back. */
  async release(runs: readonly ClusterRun[]): Promise<void> {
    const free = await this.freeClusters();
    for (const run of runs) for (let i = 0; i < run.count; i++) await this.#write(run.first + i, 0);
    this.#free = free + countClusters(runs);
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

  #isCluster(cluster: number): boolean {
    return cluster >= 2 && cluster < this.geometry.clusterCount + 2;
  }

  #pageOf(cluster: number): number {
    return Math.floor(cluster / this.#entriesPerPage);
  }

  async #page(index: number, scanning = false): Promise<Page> {
    const cached = this.#pages.get(index);
    if (cached !== undefined) return cached;
    if (scanning && index % YIELD_PAGES === YIELD_PAGES - 1) await new Promise(setImmediate);
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

  #read(page: Page, cluster: number): number {
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

  async #write(cluster: number, value: number): Promise<void> {
    if (!this.#isCluster(cluster)) throw corrupt(`cluster ${cluster} does not exist`);
    const page = await this.#page(this.#pageOf(cluster));
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
}

/** Number of clusters in runs. */
export function countClusters(runs: readonly ClusterRun[]): number {
  return runs.reduce((sum, run) => sum + run.count, 0);
}

function corrupt(what: string): ImageError {
  return new ImageError('IMAGE_FILESYSTEM_CORRUPT', `The FAT filesystem is damaged: ${what}.`);
}
