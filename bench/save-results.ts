import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** What lies in `bench/results/NAME.json`: the figures of one run, and what they were measured on. */
export interface SavedResults {
  /** ISO 8601, the day. */
  readonly date: string;
  readonly machine: {
    readonly platform: string;
    readonly cpus: number;
    readonly memoryGb: number;
    readonly node: string;
    /** Of the last minute, when the run was over: much more than `cpus` is a machine that others used as well. */
    readonly load: number;
  };
  readonly figures: Readonly<Record<string, number>>;
}

const RESULTS = path.resolve(import.meta.dirname, '../results');

/** Keeps what a run has measured, for the pages that say it (`npm run figures`). @returns the path of the file */
export async function saveResults(name: string, figures: SavedResults['figures']): Promise<string> {
  const file = path.join(RESULTS, `${name}.json`);
  const saved: SavedResults = {
    date: new Date().toISOString().slice(0, 10),
    machine: {
      platform: `${os.platform()}-${os.arch()}`,
      cpus: os.cpus().length,
      memoryGb: Math.round(os.totalmem() / 2 ** 30),
      node: process.version,
      load: rounded(os.loadavg()[0] ?? 0),
    },
    figures: Object.fromEntries(Object.entries(figures).map(([key, value]) => [key, rounded(value)])),
  };
  await mkdir(RESULTS, { recursive: true });
  await writeFile(file, `${JSON.stringify(saved, undefined, 2)}\n`);
  return file;
}

const rounded = (value: number): number => Number(value.toPrecision(4));
