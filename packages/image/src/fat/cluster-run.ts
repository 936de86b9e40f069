import { ImageError } from '../image-error.js';

/** Neighbouring clusters. */
export interface ClusterRun {
  readonly first: number;
  readonly count: number;
}

/** A chain in more pieces than this is refused, to keep memory bounded. */
const MAX_RUNS = 500_000;

/** Collects clusters in their order, joining neighbours. */
export class ClusterRunCollector {
  readonly runs: { first: number; count: number }[] = [];

  /** @throws ImageError `IMAGE_FILESYSTEM_CORRUPT` for too many pieces. */
  add(cluster: number): void {
    const last = this.runs.at(-1);
    if (last !== undefined && last.first + last.count === cluster) last.count++;
    else if (this.runs.length < MAX_RUNS) this.runs.push({ first: cluster, count: 1 });
    else
      throw new ImageError(
        'IMAGE_FILESYSTEM_CORRUPT',
        `The FAT filesystem is damaged: a file is in more than ${MAX_RUNS} pieces.`,
      );
  }
}

/** Number of clusters in runs. */
export function countClusters(runs: readonly ClusterRun[]): number {
  return runs.reduce((sum, run) => sum + run.count, 0);
}
