import { setImmediate } from 'node:timers/promises';
import type { WritableDisk } from '../disk/disk.js';
import { ImageError } from '../image-error.js';
import { ClusterRunCollector, countClusters, type ClusterRun } from './cluster-run.js';
import { FatEntries } from './fat-entries.js';
import type { FatGeometry } from './fat-geometry.js';

/** After so many entries other work of the program has its turn. */
const ENTRIES_PER_TURN = 1 << 19;

/** The file allocation table: which cluster follows which, and which are free. Changed on the disk by `flush`. */
export class FatTable {
  readonly #entries: FatEntries;
  #free: number | undefined;
  #searchFrom: number;

  constructor(disk: WritableDisk, geometry: FatGeometry, hint: number | undefined) {
    this.#entries = new FatEntries(disk, geometry);
    this.#searchFrom = hint !== undefined && this.#entries.isCluster(hint) ? hint : 2;
  }

  get geometry(): FatGeometry {
    return this.#entries.geometry;
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
    const entries = this.#entries;
    const end = this.geometry.clusterCount + 2;
    let free = 0;
    let turn = ENTRIES_PER_TURN;
    for (let cluster = 2; cluster < end;) {
      const page = await entries.load(cluster);
      const stop = entries.endOfPage(cluster);
      if ((turn -= stop - cluster) < 0) {
        await setImmediate();
        turn = ENTRIES_PER_TURN;
      }
      for (; cluster < stop; cluster++) if (entries.read(page, cluster) === 0) free++;
    }
    return free;
  }

  /** The clusters that are not free, bad ones included. */
  async usedRuns(): Promise<ClusterRun[]> {
    const entries = this.#entries;
    const collector = new ClusterRunCollector();
    const end = this.geometry.clusterCount + 2;
    for (let cluster = 2; cluster < end;) {
      const page = await entries.load(cluster);
      const stop = entries.endOfPage(cluster);
      for (; cluster < stop; cluster++) if (entries.read(page, cluster) !== 0) collector.add(cluster);
    }
    return collector.runs;
  }

  /**
   * The clusters of a chain, in order.
   *
   * @throws ImageError `IMAGE_FILESYSTEM_CORRUPT` when it is longer than `maxClusters`, loops or leaves the filesystem.
   */
  async chain(first: number, maxClusters = this.geometry.clusterCount): Promise<ClusterRun[]> {
    const entries = this.#entries;
    const collector = new ClusterRunCollector();
    let total = 0;
    for (let cluster = first; ;) {
      if (!entries.isCluster(cluster)) throw corrupt(`a chain of clusters points at ${cluster}`);
      collector.add(cluster);
      if (++total > maxClusters) throw corrupt(`the chain from cluster ${first} is a loop or too long`);
      if (total % ENTRIES_PER_TURN === 0) await setImmediate();
      const next = entries.read(entries.loaded(cluster) ?? (await entries.load(cluster)), cluster);
      if (next >= entries.endMark) return collector.runs;
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
    const runs = await this.#takeFree(count);
    await this.link(runs);
    this.#free = free - count;
    return runs;
  }

  /** Chains runs in the given order, the last one ending the chain. */
  async link(runs: readonly ClusterRun[]): Promise<void> {
    for (const [index, run] of runs.entries()) {
      const after = runs[index + 1]?.first ?? this.#entries.endMark + 7;
      for (let i = 0; i < run.count; i++)
        await this.#entries.write(run.first + i, i === run.count - 1 ? after : run.first + i + 1);
    }
  }

  /** Appends a chain to the end of another. */
  async join(runs: readonly ClusterRun[], more: readonly ClusterRun[]): Promise<void> {
    const last = runs.at(-1);
    if (last !== undefined && more[0] !== undefined)
      await this.#entries.write(last.first + last.count - 1, more[0].first);
  }

  /** Gives clusters back. */
  async release(runs: readonly ClusterRun[]): Promise<void> {
    const free = await this.freeClusters();
    for (const run of runs) for (let i = 0; i < run.count; i++) await this.#entries.write(run.first + i, 0);
    this.#free = free + countClusters(runs);
  }

  /** Writes the changed sectors into every copy of the table. */
  flush(): Promise<void> {
    return this.#entries.flush();
  }

  /**
   * Compares what was changed since the opening between the copies of the table.
   *
   * @throws ImageError `IMAGE_SELF_CHECK_FAILED`.
   */
  assertCopiesEqual(): Promise<void> {
    return this.#entries.assertCopiesEqual();
  }

  /** Finds free clusters from where the last search ended, and remembers where this one does. */
  async #takeFree(count: number): Promise<ClusterRun[]> {
    const entries = this.#entries;
    const collector = new ClusterRunCollector();
    const { clusterCount } = this.geometry;
    let cluster = this.#searchFrom;
    let missing = count;
    for (let seen = 0; missing > 0 && seen < clusterCount;) {
      const page = await entries.load(cluster);
      const stop = entries.endOfPage(cluster);
      for (; cluster < stop && missing > 0; cluster++, seen++) {
        if (entries.read(page, cluster) !== 0) continue;
        collector.add(cluster);
        missing--;
      }
      if (cluster === clusterCount + 2) cluster = 2;
    }
    if (missing > 0) throw corrupt('its free clusters changed while they were counted');
    this.#searchFrom = cluster;
    return collector.runs;
  }
}

function corrupt(what: string): ImageError {
  return new ImageError('IMAGE_FILESYSTEM_CORRUPT', `The FAT filesystem is damaged: ${what}.`);
}
