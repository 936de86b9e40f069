import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { execa } from 'execa';
import { median } from '../median.js';

const SIZE_BYTES = 48 << 20;
const EMMC_BYTES_PER_SECOND = 16 << 20;
const ROUNDS = 3;

/**
 * What a flash of ours costs beyond the board's own time, in seconds: the whole of it, from the login to the last look,
 * less what the board says that its transfer took.
 *
 * @remarks The simulated board takes as long as a real one: seconds for the module to start, and 16 MB/s for writing. The
 * image is small, since only the start and the end count.
 */
export async function flashOverhead(print: (line: string) => void): Promise<number> {
  const work = await mkdtemp(path.join(os.tmpdir(), 'turingpi-bench-flash-'));
  try {
    const image = path.join(work, 'image.img');
    const bytes = randomBytes(SIZE_BYTES);
    await writeFile(image, bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await using board = await startVirtualBoard({
      nodes: [{ board: 'rk1' }],
      boot: 'none',
      emmcBytesPerSecond: EMMC_BYTES_PER_SECOND,
      dir: path.join(work, 'board'),
    });
    const overheads: number[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      const child = path.join(import.meta.dirname, 'flash-child.js');
      // A client of its own each time: it logs in, and asks the board who it is.
      const home = path.join(work, `round-${round}`);
      const { stdout } = await execa(
        process.execPath,
        [child, board.https.host, String(board.https.port), board.publicKeyPin, image, sha256, home],
        { env: { TPI_PASSWORD: 'turing' } },
      );
      const { seconds } = JSON.parse(stdout) as { seconds: number };
      const boardSeconds = boardTime(board);
      overheads.push(seconds - boardSeconds);
      print(`round ${round}: flash ${seconds.toFixed(2)} s, of which the board ${boardSeconds.toFixed(2)} s`);
    }
    const overhead = median(overheads);
    print(`flash_overhead_s ${overhead.toFixed(2)} (median of ${ROUNDS} flashes of ${SIZE_BYTES >> 20} MiB)`);
    return overhead;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** How long its transfer took, from the start request to the node being off. */
function boardTime({ transferStatus }: VirtualBoard): number {
  const { Done } = JSON.parse(transferStatus) as { Done: [{ secs: number; nanos: number }, number] };
  return Done[0].secs + Done[0].nanos / 1e9;
}
