import { MissingPrograms } from './assert-programs.js';
import { benchBmc } from './bmc/bench-bmc.js';
import { benchBoard } from './board/bench-board.js';
import { benchImage } from './image/bench-image.js';
import { benchRuntime } from './runtime/bench-runtime.js';
import { benchSchedule } from './schedule/bench-schedule.js';
import { benchStore } from './store/bench-store.js';
import { benchUp } from './up/bench-up.js';

/** A benchmark compares with the alternative in the same run and returns ratios. */
type Benchmark = (
  print: (line: string) => void,
  options: { readonly short: boolean },
) => Promise<Readonly<Record<string, number>>>;

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  image: benchImage,
  bmc: benchBmc,
  board: benchBoard,
  runtime: benchRuntime,
  schedule: benchSchedule,
  store: benchStore,
  up: benchUp,
};

const [name = '', ...flags] = process.argv.slice(2);
const benchmark = BENCHMARKS[name];
if (benchmark === undefined) {
  process.stderr.write(`usage: npm run bench -- ${Object.keys(BENCHMARKS).join('|')} [--json] [--short]\n`);
  process.exitCode = 2;
} else {
  try {
    const short = flags.includes('--short');
    const results = await benchmark((line) => process.stdout.write(`${line}\n`), { short });
    if (flags.includes('--json')) process.stdout.write(`${JSON.stringify(results)}\n`);
  } catch (error) {
    if (!(error instanceof MissingPrograms)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  }
}
