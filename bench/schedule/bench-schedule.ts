import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { TuringPiEvent } from '@turingpi/core';
import { CleanupStack, NODE_IDS } from '@turingpi/foundation';
import { generateKeyPair } from '@turingpi/runtime';
import type { VirtualBoard } from '@turingpi/virtual-board';
import { baseImagePath } from '@turingpi/virtual-node';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { median } from '../median.js';
import { durationOf, makespanOf } from './makespan.js';

const ROUNDS = 3;
const PROGRAM = path.join(import.meta.dirname, '../../../packages/cli/bin/turingpi.js');
const BOARD_CHILD = path.join(import.meta.dirname, 'board-child.js');

/** What a configuration says of a simulated board. */
type Board = Pick<VirtualBoard, 'https' | 'publicKeyPin'> & {
  readonly nodes: readonly Pick<VirtualBoard['nodes'][number], 'id' | 'ssh'>[];
};

/**
 * Four first installations by one `turingpi up`, from its first event to its last: against what cannot be done at the same
 * time on one board, which is the four flashes, the first image before them, and what follows on the last one (its boot and
 * its actions after the installation). Then eight on two boards of one file, against four on one.
 */
export async function benchSchedule(
  print: (line: string) => void,
): Promise<Readonly<Record<string, number>>> {
  const ratios: number[] = [];
  const twice: number[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const { makespanMs, leastMs, flashesMs, imageMs, restMs } = makespanOf(await oneRun(['shelf']));
    ratios.push(makespanMs / leastMs);
    const parts = `flashes ${show(flashesMs)}, first image ${show(imageMs)}, boot and actions ${show(restMs)}`;
    print(`round ${round}: ${show(makespanMs)} for four nodes; ${parts}`);
    const both = durationOf(await oneRun(['shelf', 'rack']));
    twice.push(both / makespanMs);
    print(`round ${round}: ${show(both)} for eight nodes on two boards`);
  }
  const ratio = median(ratios);
  const twoBoards = median(twice);
  print(`makespan_ratio ${ratio.toFixed(3)} (median of ${ROUNDS} rounds; to the sum of these)`);
  print(`two_boards_ratio ${twoBoards.toFixed(3)} (to one board in the same round)`);
  return { makespan_ratio: ratio, two_boards_ratio: twoBoards };
}

/** Installs four nodes on each of the boards. */
async function oneRun(names: readonly string[]): Promise<readonly TuringPiEvent[]> {
  const work = await mkdtemp(path.join(os.tmpdir(), 'turingpi-bench-schedule-'));
  await using cleanup = new CleanupStack();
  cleanup.defer('folder', () => rm(work, { recursive: true, force: true }));
  const boards = new Map<string, Board>();
  for (const name of names) boards.set(name, await startBoard(path.join(work, name), cleanup));
  const config = path.join(work, 'turingpi.yaml');
  await writeFile(config, stringify(await configOf(boards)));
  const parameters = [PROGRAM, 'up', '--json', '--erase', 'new', '-c', config];
  const { stdout } = await execa(process.execPath, parameters, { stdin: 'ignore' });
  return stdout
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly event: TuringPiEvent['type'] })
    .map(({ event, ...facts }) => ({ type: event, ...facts }) as unknown as TuringPiEvent);
}

/** Starts a board in a process of its own, which ends with the cleanup. */
async function startBoard(dir: string, cleanup: CleanupStack): Promise<Board> {
  const child = execa(process.execPath, [BOARD_CHILD, dir], { buffer: false, stderr: 'inherit' });
  cleanup.defer(`board in ${dir}`, async () => {
    child.stdin.end();
    await child;
  });
  const ready = once(createInterface({ input: child.stdout }), 'line') as Promise<[string]>;
  const told = await Promise.race([ready, child.then(() => undefined)]);
  if (told === undefined) throw new Error(`the simulated board in ${dir} ended before it was there`);
  return JSON.parse(told[0]) as Board;
}

/** A board alone is said without a name, as most people have it. */
async function configOf(boards: ReadonlyMap<string, Board>): Promise<object> {
  const key = await generateKeyPair('ed25519', { comment: 'bench' });
  const parts = [...boards].map(([name, board], index) => [name, boardConfig(board, index)] as const);
  const [[, only] = ['', {}]] = parts;
  return {
    ...(parts.length === 1 ? only : { boards: Object.fromEntries(parts) as object }),
    cacheDir: './cache',
    ssh: { privateKey: key.privateKey.reveal() },
    workflow: {
      baseImages: { ubuntu: baseImagePath('rk1-ubuntu.img.xz') },
      user: { name: 'admin', sshKeys: [key.publicKey] },
      postInstall: NODE_IDS.map((step) => ({ run: ['touch', `/etc/step-${step}`] })),
    },
  };
}

function boardConfig({ https, publicKeyPin, nodes }: Board, index: number): object {
  const network = `192.168.${index + 1}`;
  const configured = nodes.map(({ id, ssh }) => [
    `node${id}`,
    { ip: `${network}.${100 + id}`, board: 'rk1', os: 'ubuntu', ssh },
  ]);
  return {
    ip: https.host,
    bmc: { port: https.port, password: 'turing', publicKeyPin },
    network: { gateway: `${network}.1`, hostnamePattern: `bench-${index}-{id}` },
    ...(Object.fromEntries(configured) as object),
  };
}

const show = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
