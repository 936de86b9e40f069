import { MissingPrograms } from './assert-programs.js';
import { benchBmc } from './bmc/bench-bmc.js';
import { benchBoard } from './board/bench-board.js';
import { benchFleet } from './fleet/bench-fleet.js';
import { benchImage } from './image/bench-image.js';
import { benchNetwork } from './network/bench-network.js';
import { benchRuntime } from './runtime/bench-runtime.js';
import { saveResults } from './save-results.js';
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
  network: benchNetwork,
  runtime: benchRuntime,
  fleet: benchFleet,
  schedule: benchSchedule,
  store: benchStore,
  up: benchUp,
};

const [name = '', ...flags] = process.argv.slice(2);
const benchmark = BENCHMARKS[name];
const [short, save] = [flags.includes('--short'), flags.includes('--save')];
if (benchmark === undefined || (short && save)) {
  const names = Object.keys(BENCHMARKS).join('|');
  process.stderr.write(`usage: npm run bench -- ${names} [--json] [--short | --save]\n`);
  process.exitCode = 2;
} else {
  try {
    const results = await benchmark((line) => process.stdout.write(`${line}\n`), { short });
    if (flags.includes('--json')) process.stdout.write(`${JSON.stringify(results)}\n`);
    if (save) process.stdout.write(`saved in ${await saveResults(name, results)}\n`);
  } catch (error) {
    if (!(error instanceof MissingPrograms)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  }
}
