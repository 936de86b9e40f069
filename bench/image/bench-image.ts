import { copyFile, mkdir, mkdtemp, open, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { ServedImage } from '@turingpi/install-network/served';
import { execa } from 'execa';
import { assertPrograms } from '../assert-programs.js';
import { median } from '../median.js';
import { timed, timeProgram } from '../stopwatch.js';
import { BENCH_DIR, benchBase, type BenchBase } from './bench-base.js';
import { benchEdit } from './bench-edit.js';
import { customizeNatively } from './native-customization.js';

/** What `customize-child.ts` prints. */
interface ChildReport {
  readonly seconds: readonly number[];
  readonly maxRssMb: number;
  readonly maxLoopDelayMs: number;
}

/** How often what takes seconds is measured. */
const ROUNDS = 3;
const BLOCK_MIB = 24;
/** Blocks of 24 MiB that the edit touches, for the floor: what any way of doing it has to encode. */
const TOUCHED_BLOCKS = 5;

/** Customising images: ours against decompress, mount, edit, compress; and against what cannot be saved. */
export async function benchImage(print: (line: string) => void): Promise<Readonly<Record<string, number>>> {
  await assertPrograms(['curl', 'xz', 'mount', 'umount', 'sync'], 'the benchmark of images');
  const base = await benchBase(2500, print);
  const big = await benchBase(10_000, print);
  const work = await mkdtemp(path.join(BENCH_DIR, 'work-'));
  try {
    await execa('sync');
    const native = await customizeNatively(base, benchEdit(1));
    print(
      `ordinary way: ${show(native.total)} (decompress ${show(native.decompress)}, mount and edit ${show(native.edit)}, compress ${show(native.compress)})`,
    );
    const one = await customizeOften(base, work, 'one', [1]);
    const four = await customize(base, work, 'four', [1, 2, 3, 4]);
    const ten = await customizeOften(big, work, 'ten', [1]);
    const served = await prepareToServe(path.join(work, 'four'), path.join(work, 'four-cache'));
    const pulled = await serveToFour(work);
    const scattered = await editEveryBlock(base, work);
    const floor = await floorSeconds(base, work);
    for (const file of ['one', 'four', 'ten'])
      await execa('xz', ['--test', path.join(work, file, 'bench-1.img.xz')]);

    const first = median(one.seconds);
    const ofTen = median(ten.seconds);
    const perNode = sum(four.seconds) / four.seconds.length;
    print(`ours, first node of a base: ${one.seconds.map(show).join(', ')}; median ${show(first)}`);
    print(`ours, four nodes of a base: ${four.seconds.map(show).join(', ')}; ${show(perNode)} a node`);
    print(`for the network, four nodes of a base: ${served.map(show).join(', ')}`);
    print(`four nodes pull ${pulled.megabytes.toFixed(0)} MB in ${show(pulled.seconds)}`);
    print(`ours, 10 GB image: ${ten.seconds.map(show).join(', ')}; median ${show(ofTen)}`);
    print(`ours, some bytes in every block: ${show(scattered.seconds)}`);
    print(`copying the file and encoding ${TOUCHED_BLOCKS} blocks with xz -1: ${show(floor)}`);
    const ratios = {
      customize_ratio: native.total / first,
      customize4_ratio: native.total / perNode,
      scale_10g_ratio: ofTen / first,
      floor_ratio: first / floor,
      rss_mb: Math.max(one.maxRssMb, four.maxRssMb, ten.maxRssMb),
      loop_delay_ms: Math.max(one.maxLoopDelayMs, four.maxLoopDelayMs, ten.maxLoopDelayMs),
      network_rss_mb: pulled.maxRssMb,
      network_prepare_s: Math.max(...served.slice(1)),
      scattered_ratio: native.total / scattered.seconds,
      scattered_rss_mb: scattered.maxRssMb,
    };
    for (const [name, value] of Object.entries(ratios)) print(`${name} ${value.toFixed(2)}`);
    return ratios;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Several times, each with an empty cache. */
async function customizeOften(
  base: BenchBase,
  work: string,
  name: string,
  nodes: readonly number[],
): Promise<ChildReport> {
  const reports: ChildReport[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await rm(path.join(work, `${name}-cache`), { recursive: true, force: true });
    reports.push(await customize(base, work, name, nodes));
  }
  return {
    seconds: reports.flatMap(({ seconds }) => seconds),
    maxRssMb: Math.max(...reports.map(({ maxRssMb }) => maxRssMb)),
    maxLoopDelayMs: Math.max(...reports.map(({ maxLoopDelayMs }) => maxLoopDelayMs)),
  };
}

async function customize(
  base: BenchBase,
  work: string,
  name: string,
  nodes: readonly number[],
): Promise<ChildReport> {
  const output = path.join(work, name);
  const cacheDir = path.join(work, `${name}-cache`);
  await mkdir(output, { recursive: true });
  await mkdir(cacheDir, { recursive: true });
  await execa('sync'); // what was written before is no longer being written
  const child = path.join(import.meta.dirname, 'customize-child.js');
  const { stdout } = await execa(process.execPath, [
    child,
    base.compressed,
    cacheDir,
    output,
    ...nodes.map(String),
  ]);
  return JSON.parse(stdout) as ChildReport;
}

/**
 * What it takes to get images ready to be pulled by their nodes: seconds for each. The digests of what travels are computed
 * while the installer is being flashed, and are not in it.
 */
async function prepareToServe(images: string, cacheDir: string): Promise<number[]> {
  const { signal } = new AbortController();
  const seconds: number[] = [];
  for (const node of [1, 2, 3, 4]) {
    const file = path.join(images, `bench-${node}.img.xz`);
    const run = await timed(async () => {
      await using image = await ServedImage.open(file, { cacheDir, signal });
      return image.usedBytes;
    });
    seconds.push(run.seconds);
  }
  return seconds;
}

/** Serves 2.5 GB to each of four nodes at the same time. */
async function serveToFour(
  work: string,
): Promise<{ readonly seconds: number; readonly megabytes: number; readonly maxRssMb: number }> {
  const directory = path.join(work, 'served');
  await mkdir(directory, { recursive: true });
  const { stdout } = await execa(process.execPath, [
    path.join(import.meta.dirname, 'serve-child.js'),
    directory,
  ]);
  return JSON.parse(stdout) as { seconds: number; megabytes: number; maxRssMb: number };
}

/** The edit that gains least: some bytes in every block, so that all of them are decoded and encoded. */
async function editEveryBlock(
  base: BenchBase,
  work: string,
): Promise<{ readonly seconds: number; readonly maxRssMb: number }> {
  const cacheDir = path.join(work, 'scattered-cache');
  const output = path.join(work, 'scattered.img.xz');
  const { size } = await stat(base.raw);
  const child = path.join(import.meta.dirname, 'scattered-child.js');
  const parameters = [base.compressed, cacheDir, output, Math.floor(size / (BLOCK_MIB * 2 ** 20)), BLOCK_MIB];
  await mkdir(cacheDir, { recursive: true });
  await execa('sync');
  const { stdout } = await execa(process.execPath, [child, ...parameters.map(String)]);
  await execa('xz', ['--test', output]);
  return JSON.parse(stdout) as { seconds: number; maxRssMb: number };
}

/** What no way of doing it can save: the copy of the compressed file, and encoding the touched blocks. */
async function floorSeconds(base: BenchBase, work: string): Promise<number> {
  const blocks = path.join(work, 'blocks.raw');
  const source = await open(base.raw);
  const target = await open(blocks, 'w');
  try {
    const { buffer } = await source.read({
      buffer: Buffer.alloc(TOUCHED_BLOCKS * BLOCK_MIB * 2 ** 20),
      position: 0,
    });
    await target.writeFile(buffer);
  } finally {
    await source.close();
    await target.close();
  }
  await execa('sync');
  const { seconds } = await timed(() => copyFile(base.compressed, path.join(work, 'copy.xz')));
  return (
    seconds + (await timeProgram('xz', ['-1', '-T2', '--stdout', blocks], { stdoutFile: `${blocks}.xz` }))
  );
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const show = (seconds: number): string => `${seconds.toFixed(2)} s`;
