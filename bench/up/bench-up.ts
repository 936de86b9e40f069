import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { parse } from 'yaml';
import { assertPrograms } from '../assert-programs.js';
import { median } from '../median.js';
import { cpuTimeOf, timed, timeProgram } from '../stopwatch.js';

type Measured = 'noop' | 'offline' | 'status' | 'help';

const ROUNDS = 7;
const MOST_TRIES = 100;
const PROGRAM = path.join(import.meta.dirname, '../../../packages/cli/bin/turingpi.js');

/**
 * `turingpi up` of four finished nodes, which asks each who it is and does nothing else: against the start of an empty
 * program, after what the slowest node's key exchange takes; the same with `--offline`, which asks nobody; `status` and `--help`,
 * of which the CPU time counts. Needs ssh-keyscan and bash.
 *
 * @remarks Rounds take turns; load on the machine strikes all alike.
 */
export async function benchUp(print: (line: string) => void): Promise<Readonly<Record<string, number>>> {
  await assertPrograms(['ssh-keyscan', 'bash'], 'the benchmark of a run with nothing to do');
  const work = await mkdtemp(path.join(os.tmpdir(), 'turingpi-bench-up-'));
  try {
    print('four simulated nodes are provisioned first');
    await execa(process.execPath, [PROGRAM, 'demo', '--output', work], { stdin: 'ignore' });
    const config = path.join(work, 'turingpi.yaml');
    const board = execa(process.execPath, [PROGRAM, 'virtual-board', '-c', config], {
      stderr: 'inherit',
      stdin: 'ignore',
      buffer: false,
      reject: false,
    });
    try {
      await serving(board.stdout);
      return await measure(config, print);
    } finally {
      board.kill('SIGTERM');
      await board;
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function measure(
  config: string,
  print: (line: string) => void,
): Promise<Readonly<Record<string, number>>> {
  const nodes = sshServersOf(parse(await readFile(config, 'utf8')) as Record<string, unknown>);
  const ratios = { noop: [], offline: [], status: [], help: [] } as Record<Measured, number[]>;
  const run = (parameters: readonly string[]): Promise<number> => timeProgram(process.execPath, parameters);
  const cpu = (parameters: readonly string[]): Promise<number> => cpuTimeOf(process.execPath, parameters);
  for (const node of nodes) await answering(node); // they boot while the board serves already
  await run([PROGRAM, 'up', '-c', config]); // what is read from disk is in memory then
  for (let round = 1; round <= ROUNDS; round += 1) {
    const empty = await run(['-e', '0']);
    const exchanges: number[] = [];
    for (const { host, port } of nodes) exchanges.push(await timeKeyExchange(host, port));
    const exchange = Math.max(...exchanges);
    const up = await run([PROGRAM, 'up', '-c', config]);
    const offline = await run([PROGRAM, 'up', '-c', config, '--offline']);
    const emptyCpu = await cpu(['-e', '0']);
    const status = await cpu([PROGRAM, 'status', '-c', config]);
    const help = await cpu([PROGRAM, '--help']);
    ratios.noop.push((up - exchange) / empty);
    ratios.offline.push(offline / empty);
    ratios.status.push(status / emptyCpu);
    ratios.help.push(help / emptyCpu);
    print(
      `round ${round}: empty ${show(empty)}, slowest key exchange ${show(exchange)}, up ${show(up)}, ` +
        `up --offline ${show(offline)}; CPU: empty ${show(emptyCpu)}, status ${show(status)}, --help ${show(help)}`,
    );
  }
  print(
    `medians of ${ROUNDS} rounds, to empty; noop_ratio is up less the key exchange; of status and help it is CPU time`,
  );
  return Object.fromEntries(
    Object.entries(ratios).map(([name, values]) => {
      print(`${name}_ratio ${median(values).toFixed(1)}`);
      return [`${name}_ratio`, median(values)];
    }),
  );
}

/** Waits until a node shows its host key. */
async function answering({ host, port }: SshServer): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const asked = ['-T', '1', '-t', 'ed25519', '-p', String(port), host];
    const { stdout } = await execa('ssh-keyscan', asked, { stdin: 'ignore', reject: false });
    if (stdout !== '') return;
    if (tries === MOST_TRIES) throw new Error(`nothing answers on port ${port} of ${host}`);
    await sleep(200);
  }
}

/** Asks for a host key as OpenSSH does; seconds. */
async function timeKeyExchange(host: string, port: number): Promise<number> {
  const { seconds } = await timed(() =>
    execa('ssh-keyscan', ['-t', 'ed25519', '-p', String(port), host], { stdin: 'ignore' }),
  );
  return seconds;
}

interface SshServer {
  readonly host: string;
  readonly port: number;
}

function sshServersOf(config: Readonly<Record<string, unknown>>): SshServer[] {
  return Object.entries(config)
    .filter(([key]) => /^node\d$/.test(key))
    .map(([, node]) => (node as { readonly ssh: SshServer }).ssh);
}

/** Waits for the line that a virtual board prints last. */
function serving(stdout: NodeJS.ReadableStream): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('Ctrl-C stops it')) resolve();
    });
    stdout.on('end', () => reject(new Error(`the virtual board ended: ${text}`)));
  });
}

const show = (seconds: number): string => `${seconds.toFixed(2)} s`;
