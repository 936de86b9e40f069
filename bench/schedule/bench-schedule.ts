import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { TuringPiEvent } from '@turingpi/core';
import { NODE_IDS } from '@turingpi/foundation';
import { generateKeyPair } from '@turingpi/runtime';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { baseImagePath } from '@turingpi/virtual-node';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { median } from '../median.js';
import { makespanOf } from './makespan.js';

const ROUNDS = 3;
const PROGRAM = path.join(import.meta.dirname, '../../../packages/cli/bin/turingpi.js');
/** A module's bring-up takes 6.5 s on the real board, its disk takes 11 MB a second: both are this much faster here. */
const SCALE = 12;
/** What the image has of the 2.5 GB of a real one. */
const EMMC_BYTES_PER_SECOND = 8 << 20;

/**
 * Four first installations by one `turingpi up`, from its first event to its last: against what cannot be done at the same
 * time on one board, which is the four flashes, the first image before them, and what follows on the last one (its boot and
 * its actions after the installation).
 */
export async function benchSchedule(
  print: (line: string) => void,
): Promise<Readonly<Record<string, number>>> {
  const ratios: number[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const { makespanMs, leastMs, flashesMs, imageMs, restMs } = makespanOf(await oneRun());
    ratios.push(makespanMs / leastMs);
    const parts = `flashes ${show(flashesMs)}, first image ${show(imageMs)}, boot and actions ${show(restMs)}`;
    print(`round ${round}: ${show(makespanMs)} for four nodes; ${parts}`);
  }
  const ratio = median(ratios);
  print(`makespan_ratio ${ratio.toFixed(3)} (median of ${ROUNDS} rounds; to the sum of these)`);
  return { makespan_ratio: ratio };
}

async function oneRun(): Promise<readonly TuringPiEvent[]> {
  const work = await mkdtemp(path.join(os.tmpdir(), 'turingpi-bench-schedule-'));
  try {
    await using board = await startVirtualBoard({
      dir: path.join(work, 'board'),
      clock: { scale: SCALE },
      emmcSizeBytes: 96 << 20,
      emmcBytesPerSecond: EMMC_BYTES_PER_SECOND,
      httpPort: 'off',
    });
    const config = path.join(work, 'turingpi.yaml');
    await writeFile(config, stringify(await configOf(board)));
    const parameters = [PROGRAM, 'up', '--json', '--erase', 'new', '-c', config];
    const { stdout } = await execa(process.execPath, parameters, { stdin: 'ignore' });
    return stdout
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly event: TuringPiEvent['type'] })
      .map(({ event, ...facts }) => ({ type: event, ...facts }) as unknown as TuringPiEvent);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function configOf(board: VirtualBoard): Promise<object> {
  const key = await generateKeyPair('ed25519', { comment: 'bench' });
  const nodes = board.nodes.map(({ id, ssh }) => [
    `node${id}`,
    { ip: `192.168.1.${100 + id}`, board: 'rk1', os: 'ubuntu', ssh },
  ]);
  return {
    ip: board.https.host,
    cacheDir: './cache',
    bmc: { port: board.https.port, password: 'turing', publicKeyPin: board.publicKeyPin },
    network: { gateway: '192.168.1.1', hostnamePattern: 'bench-{id}' },
    ssh: { privateKey: key.privateKey.reveal() },
    ...(Object.fromEntries(nodes) as object),
    workflow: {
      baseImages: { ubuntu: baseImagePath('rk1-ubuntu.img.xz') },
      user: { name: 'admin', sshKeys: [key.publicKey] },
      postInstall: NODE_IDS.map((step) => ({ run: ['touch', `/etc/step-${step}`] })),
    },
  };
}

const show = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
