import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { execa } from 'execa';
import { assertPrograms } from '../assert-programs.js';
import { median } from '../median.js';
import { timed } from '../stopwatch.js';
import { flashOverhead } from './flash-overhead.js';

const SIZE_BYTES = 4 * 2 ** 30;
const ROUNDS = 5;

/**
 * Uploading a 4 GiB image: our client against `curl -F` to the same simulated board; and a whole flash against the
 * board's own time. Needs curl.
 *
 * @remarks The two take turns, and the figure is the median of the rounds' ratios: load on the machine that lasts for
 * longer than a round, and what a round leaves behind, strikes both.
 */
export async function benchBmc(print: (line: string) => void): Promise<Readonly<Record<string, number>>> {
  await assertPrograms(['curl'], 'the benchmark of uploads');
  const work = await mkdtemp(path.join(os.tmpdir(), 'turingpi-bench-bmc-'));
  try {
    const image = path.join(work, 'image.img');
    await writeFile(image, 'x');
    await truncate(image, SIZE_BYTES);
    await using board = await startVirtualBoard({
      nodes: [{ board: 'rk1' }],
      boot: 'none',
      clock: { scale: 1000 },
      dir: path.join(work, 'board'),
    });
    const sha256 = await digest(image); // also brings the image into the page cache
    const ratios: number[] = [];
    let rssMb = 0;
    for (let round = 1; round <= ROUNDS; round += 1) {
      const uploads = {
        curl: () => uploadWithCurl(board, image, sha256),
        ours: async () => {
          const report = await uploadWithClient(board, image, sha256, work);
          rssMb = Math.max(rssMb, report.maxRssMb);
          return report.uploadSeconds;
        },
      };
      const seconds = { curl: 0, ours: 0 };
      for (const who of round % 2 === 1 ? (['curl', 'ours'] as const) : (['ours', 'curl'] as const))
        seconds[who] = await uploads[who]();
      ratios.push(seconds.curl / seconds.ours);
      print(`round ${round}: curl -F ${show(seconds.curl)}, ours ${show(seconds.ours)}`);
    }
    const ratio = median(ratios);
    print(`upload_ratio ${ratio.toFixed(2)} (median of ${ROUNDS} rounds of ${SIZE_BYTES / 2 ** 30} GiB)`);
    print(`rss_mb ${rssMb.toFixed(0)}`);
    return { upload_ratio: ratio, rss_mb: rssMb, flash_overhead_s: await flashOverhead(print) };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function uploadWithCurl(board: VirtualBoard, image: string, sha256: string): Promise<number> {
  const origin = `https://${board.https.host}:${board.https.port}`;
  const curl = (parameters: readonly string[]) =>
    execa('curl', ['--silent', '--show-error', '--insecure', '--http1.1', ...parameters]);
  const login = await curl([
    '--data',
    '{"username":"root","password":"turing"}',
    `${origin}/api/bmc/authenticate`,
  ]);
  const { id: token } = JSON.parse(login.stdout) as { id: string };
  const header = ['--header', `Authorization: Bearer ${token}`];
  const { size } = await stat(image);
  const query = `opt=set&type=flash&node=0&file=image.img&length=${size}&sha256=${sha256}&skip_crc`;
  const start = await curl([...header, `${origin}/api/bmc?${query}`]);
  const { handle } = JSON.parse(start.stdout) as { handle: number };
  const { seconds } = await timed(() =>
    curl([...header, '--fail', '--form', `file=@${image}`, `${origin}/api/bmc/upload/${handle}`]),
  );
  await waitUntilDone(board);
  return seconds;
}

interface UploadReport {
  readonly uploadSeconds: number;
  readonly maxRssMb: number;
}

async function uploadWithClient(
  board: VirtualBoard,
  image: string,
  sha256: string,
  work: string,
): Promise<UploadReport> {
  const child = path.join(import.meta.dirname, 'upload-child.js');
  const { stdout } = await execa(
    process.execPath,
    [child, board.https.host, String(board.https.port), board.publicKeyPin, image, sha256, work],
    { env: { TPI_PASSWORD: 'turing' } },
  );
  await waitUntilDone(board);
  return JSON.parse(stdout) as UploadReport;
}

/** The next round starts with a free slot. */
async function waitUntilDone(board: VirtualBoard): Promise<void> {
  while (board.transferStatus.includes('Transferring'))
    await new Promise((resolve) => setTimeout(resolve, 50));
  if (!board.transferStatus.includes('Done')) throw new Error(`the flash ended in ${board.transferStatus}`);
}

async function digest(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

const show = (seconds: number): string => `${seconds.toFixed(2)} s`;
