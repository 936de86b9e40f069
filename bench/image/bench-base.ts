import { mkdir, rename, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { assertPrograms } from '../assert-programs.js';

const SCRIPTS = path.resolve(import.meta.dirname, '../../../scripts');

/** Where the big images are kept between runs. */
export const BENCH_DIR = process.env['TURINGPI_BENCH_DIR'] ?? path.join(os.tmpdir(), 'turingpi-bench');

/** A base image of a real Debian root in the RK1 layout, compressed as published images are. */
export interface BenchBase {
  readonly raw: string;
  readonly compressed: string;
}

/** Makes a base image of a size in MiB, or takes the one of an earlier run. Needs root, mmdebstrap and xz. */
export async function benchBase(sizeMiB: number, print: (line: string) => void): Promise<BenchBase> {
  await mkdir(BENCH_DIR, { recursive: true });
  const root = path.join(BENCH_DIR, 'root.tar');
  const raw = path.join(BENCH_DIR, `base-${sizeMiB}M.img`);
  const compressed = `${raw}.xz`;
  await makeOnce(root, print, async (target) => {
    await assertPrograms(['mmdebstrap'], 'a base image for the benchmark');
    return execa(path.join(SCRIPTS, 'make-debian-root.sh'), [target]);
  });
  await makeOnce(raw, print, async (target) => {
    await assertPrograms(['sfdisk', 'mkfs.vfat', 'mkfs.ext4', 'tar'], 'a base image for the benchmark');
    return execa(path.join(SCRIPTS, 'make-rk1-image.sh'), [root, `${sizeMiB}M`, target]);
  });
  await makeOnce(compressed, print, (target) =>
    execa('xz', ['-T2', '-6', '--stdout', raw], { stdout: { file: target }, buffer: false }),
  );
  return { raw, compressed };
}

async function makeOnce(
  file: string,
  print: (line: string) => void,
  make: (target: string) => Promise<unknown>,
): Promise<void> {
  if (await stat(file).catch(() => undefined)) return;
  print(`making ${file} (once)`);
  const partial = `${file}.partial`;
  await make(partial);
  await rename(partial, file);
}
