import { corruption } from './corruption.js';

/** Consecutive blocks of a file that are consecutive on the disk. What no run covers is a hole. */
export interface BlockRun {
  /** First block within the file. */
  readonly logical: number;
  /** First block on the disk. */
  readonly physical: number;
  readonly count: number;
  /** Allocated ahead, but reads as zeros. */
  readonly unwritten: boolean;
}

/** Blocks on the disk without a place in a file. */
export interface Segment {
  readonly start: number;
  readonly count: number;
}

/** A file in more pieces than this is refused, to keep memory bounded. */
const MAX_RUNS = 500_000;

/** Collects runs in logical order, joining neighbours, and refuses what cannot be. */
export class RunCollector {
  readonly runs: BlockRun[] = [];
  #end = 0;

  constructor(private readonly owner: string) {}

  add(run: BlockRun): void {
    if (run.logical < this.#end) throw corruption(`the blocks of ${this.owner} overlap or are out of order`);
    this.#end = run.logical + run.count;
    const last = this.runs.at(-1);
    if (
      last?.unwritten === run.unwritten &&
      last.logical + last.count === run.logical &&
      last.physical + last.count === run.physical
    ) {
      this.runs[this.runs.length - 1] = { ...last, count: last.count + run.count };
      return;
    }
    if (this.runs.length >= MAX_RUNS) throw corruption(`${this.owner} is in more than ${MAX_RUNS} pieces`);
    this.runs.push(run);
  }
}

/** Number of blocks that runs map. */
export function countBlocks(runs: readonly { readonly count: number }[]): number {
  return runs.reduce((sum, run) => sum + run.count, 0);
}

/** First logical block behind the last run. */
export function endOfRuns(runs: readonly BlockRun[]): number {
  const last = runs.at(-1);
  return last ? last.logical + last.count : 0;
}

/** Splits runs at a logical block: those before it, and those from it on. */
export function splitRuns(runs: readonly BlockRun[], at: number): [BlockRun[], BlockRun[]] {
  const before: BlockRun[] = [];
  const after: BlockRun[] = [];
  for (const run of runs) {
    const head = Math.min(Math.max(at - run.logical, 0), run.count);
    if (head > 0) before.push({ ...run, count: head });
    if (head < run.count)
      after.push({
        ...run,
        logical: run.logical + head,
        physical: run.physical + head,
        count: run.count - head,
      });
  }
  return [before, after];
}

/** Lays segments out behind each other from a logical block on. */
export function layOut(segments: readonly Segment[], from: number): BlockRun[] {
  const runs: BlockRun[] = [];
  let logical = from;
  for (const { start, count } of segments) {
    const last = runs.at(-1);
    if (last && last.physical + last.count === start)
      runs[runs.length - 1] = { ...last, count: last.count + count };
    else runs.push({ logical, physical: start, count, unwritten: false });
    logical += count;
  }
  return runs;
}

/** Cuts segments after a number of blocks: what is kept, and the rest. */
export function cutSegments(segments: readonly Segment[], blocks: number): [Segment[], Segment[]] {
  const [kept, rest] = splitRuns(layOut(segments, 0), blocks);
  return [segmentsOf(kept), segmentsOf(rest)];
}

/** Puts runs behind others, joining the two that meet. */
export function joinRuns(before: readonly BlockRun[], after: readonly BlockRun[]): BlockRun[] {
  const collector = new RunCollector('a file');
  for (const run of [...before, ...after]) collector.add(run);
  return collector.runs;
}

/** The blocks of runs, without their places in the file. */
export function segmentsOf(runs: readonly BlockRun[]): Segment[] {
  return runs.map(({ physical, count }) => ({ start: physical, count }));
}
