import type { FileContent } from '../filesystem/file-system.js';
import { collectContent, writeContent } from './fat-content.js';
import type { FatEntry } from './fat-entry.js';
import { type ClusterRun, countClusters } from './cluster-run.js';
import type { FatVolume } from './fat-volume.js';

/** A stream that only fits in place of what it replaces is taken into memory up to this size. */
const IN_MEMORY_BYTES = 16 * 1024 * 1024;

/** The contents of files in clusters; what names them is somebody else's affair. */
export class FatFileStore {
  constructor(private readonly volume: FatVolume) {}

  /** The clusters of a file: as many as its size needs. */
  async chainOf(entry: FatEntry): Promise<ClusterRun[]> {
    const { clusterBytes } = this.volume.geometry;
    if (entry.firstCluster === 0 && entry.size === 0) return [];
    return this.volume.table.chain(entry.firstCluster, Math.max(Math.ceil(entry.size / clusterBytes), 1));
  }

  /** Puts content into newly taken clusters. */
  async store(path: string, content: FileContent, size: number): Promise<ClusterRun[]> {
    const { disk, geometry, table } = this.volume;
    const runs = await table.allocate(Math.ceil(size / geometry.clusterBytes));
    await this.orRelease(runs, () => writeContent(disk, geometry, runs, 0, content, path));
    return runs;
  }

  /**
   * Puts new content into an existing file. What is in memory cannot fail midway and takes over the clusters of the
   * old; a stream gets new ones, so that the old content stays until the new one is complete.
   */
  async replace(path: string, entry: FatEntry, content: FileContent, size: number): Promise<ClusterRun[]> {
    const { disk, geometry, table } = this.volume;
    const old = await this.chainOf(entry);
    const needed = Math.ceil(size / geometry.clusterBytes);
    if (!(content instanceof Uint8Array)) {
      const free = await table.freeClusters();
      const fitsOnlyInPlace = needed > free && needed <= free + countClusters(old);
      if (!fitsOnlyInPlace || size > IN_MEMORY_BYTES) {
        const runs = await this.store(path, content, size);
        await table.release(old);
        return runs;
      }
      return this.replace(path, entry, await collectContent(content, path), size);
    }
    const { kept, surplus } = split(old, needed);
    const more = await table.allocate(needed - countClusters(kept));
    const runs = [...kept, ...more];
    await this.orRelease(more, () => writeContent(disk, geometry, runs, 0, content, path));
    if (more.length > 0) await table.join(kept, more);
    if (surplus.length > 0) {
      await table.link(kept);
      await table.release(surplus);
    }
    return runs;
  }

  /**
   * Puts content at the end of an existing file.
   *
   * @param size - Of the whole file afterwards.
   */
  async append(path: string, entry: FatEntry, content: FileContent, size: number): Promise<ClusterRun[]> {
    const { disk, geometry, table } = this.volume;
    const runs = await this.chainOf(entry);
    const more = await table.allocate(Math.ceil(size / geometry.clusterBytes) - countClusters(runs));
    const all = [...runs, ...more];
    await this.orRelease(more, async () => {
      await writeContent(disk, geometry, all, entry.size, content, path);
      await table.join(runs, more);
    });
    return all;
  }

  /** Does something with clusters just taken, and gives them back when it fails. */
  async orRelease(runs: readonly ClusterRun[], work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      await this.volume.table.release(runs);
      throw error;
    }
  }
}

function split(runs: readonly ClusterRun[], count: number): { kept: ClusterRun[]; surplus: ClusterRun[] } {
  const kept: ClusterRun[] = [];
  const surplus: ClusterRun[] = [];
  let missing = count;
  for (const run of runs) {
    const take = Math.min(run.count, missing);
    if (take > 0) kept.push({ first: run.first, count: take });
    if (take < run.count) surplus.push({ first: run.first + take, count: run.count - take });
    missing -= take;
  }
  return { kept, surplus };
}
