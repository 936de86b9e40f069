import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/testkit';
import { execa } from 'execa';
import { timed } from '../stopwatch.js';

const SIZE_BYTES = 4 * 2 ** 30;

/** Uploading a 4 GiB image: our client against `curl -F` to the same simulated board. Needs curl. */
export async function benchBmc(print: (line: string) => void): Promise<Readonly<Record<string, number>>> {
  const work = await mkdtemp(path.join(os.tmpdir(), 'turingpi-bench-bmc-'));
  try {
    const image = path.join(work, 'image.img');
    await writeFile(image, 'x');
    await truncate(image, SIZE_BYTES);
    await using board = await startVirtualBoard({
      nodes: [{ board: 'rk1' }],
      clock: { scale: 1000 },
      dir: path.join(work, 'board'),
    });
    const sha256 = await digest(image);
    const curl: number[] = [];
    const ours: number[] = [];
    let rssMb = 0;
    for (let round = 0; round < 3; round += 1) {
      curl.push(await uploadWithCurl(board, image, sha256));
      const report = await uploadWithClient(board, image, sha256, work);
      ours.push(report.uploadSeconds);
      rssMb = Math.max(rssMb, report.maxRssMb);
      print(`round ${round + 1}: curl -F ${show(curl.at(-1) ?? 0)}, ours ${show(report.uploadSeconds)}`);
    }
    const ratio = median(curl) / median(ours);
    print(
      `median: curl -F ${show(median(curl))}, ours ${show(median(ours))} for ${SIZE_BYTES / 2 ** 30} GiB`,
    );
    print(`upload_ratio ${ratio.toFixed(2)}`);
    print(`rss_mb ${rssMb.toFixed(0)}`);
    return { upload_ratio: ratio, rss_mb: rssMb };
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

/** Other load on the machine only ever makes a round slower. */
const median = (seconds: readonly number[]): number =>
  [...seconds].sort((a, b) => a - b)[seconds.length >> 1] ?? 0;
const show = (seconds: number): string => `${seconds.toFixed(2)} s`;
