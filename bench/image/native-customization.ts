import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { timed, timeProgram } from '../stopwatch.js';
import { BENCH_DIR, type BenchBase } from './bench-base.js';
import type { BenchEdit } from './bench-edit.js';

const ROOT_OFFSET_BYTES = 40_960 * 512;

/** Seconds of each step of the ordinary way: decompress, mount, edit, unmount, compress. */
export interface NativeTimes {
  readonly decompress: number;
  readonly edit: number;
  readonly compress: number;
  readonly total: number;
}

/** Does the same edit with xz, a loop mount and xz again. Needs root. */
export async function customizeNatively(base: BenchBase, edit: BenchEdit): Promise<NativeTimes> {
  const work = await mkdtemp(path.join(BENCH_DIR, 'native-'));
  const raw = path.join(work, 'node.img');
  const mount = path.join(work, 'mount');
  try {
    await mkdir(mount);
    const decompress = await timeProgram('xz', ['-dc', '-T0', base.compressed], { stdoutFile: raw });
    const { seconds } = await timed(async () => {
      await execa('mount', ['-o', `loop,offset=${ROOT_OFFSET_BYTES}`, raw, mount]);
      try {
        for (const [name, content] of Object.entries(edit.files)) {
          const target = path.join(mount, name);
          await mkdir(path.dirname(target), { recursive: true });
          await writeFile(target, content);
        }
      } finally {
        await execa('umount', [mount]);
      }
    });
    const compress = await timeProgram('xz', ['-T0', '-6', '--stdout', raw], {
      stdoutFile: path.join(work, 'node.img.xz'),
    });
    return { decompress, edit: seconds, compress, total: decompress + seconds + compress };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
