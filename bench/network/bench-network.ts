import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { assertPrograms } from '../assert-programs.js';
import { type BoardFacts, CM4, modelNetwork, RK1 } from '../board/board-model.js';
import { runBoard } from './run-board.js';

/** Images and the installer are this much smaller than in the model. Speeds are the same. */
const SMALLER = 10;

/**
 * Four installers' own scripts, each in a network namespace behind a wire as fast as a node's port, against the model of
 * `npm run bench -- board` for images of a tenth of the size: whether what it says of wires and servers is so. Boots are
 * timers, disks are files in memory, and what moves is told apart from them. Needs root, `ip`, `tc`, curl.
 */
export async function benchNetwork(
  print: (line: string) => void,
  { short }: { readonly short: boolean },
): Promise<Readonly<Record<string, number>>> {
  await assertPrograms(['ip', 'tc', 'curl'], 'the comparison of the model with namespaces');
  const results: Record<string, number> = {};
  const directory = await mkdtemp(path.join(os.tmpdir(), 'turingpi-bench-network-'));
  try {
    for (const facts of short ? [RK1] : [RK1, CM4]) {
      const small = smaller(facts);
      const timers = timersOf(small);
      const seconds = await runBoard(small, directory);
      const modelled = modelNetwork(small);
      print(
        `four ${facts.name}, sizes ÷ ${SMALLER}: ${seconds.toFixed(1)} s, by the model ${modelled.toFixed(1)} s; ` +
          `without timers (${timers} s): ${(seconds - timers).toFixed(1)} s, by the model ${(modelled - timers).toFixed(1)} s`,
      );
      results[`run_to_model_${facts.name}`] = seconds / modelled;
      results[`run_to_model_${facts.name}_moving`] = (seconds - timers) / (modelled - timers);
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  for (const [key, value] of Object.entries(results)) print(`${key} ${value.toFixed(2)}`);
  return results;
}

function smaller(facts: BoardFacts): BoardFacts {
  return {
    ...facts,
    rawBytes: facts.rawBytes / SMALLER,
    usedBytes: Math.round(facts.usedBytes / SMALLER),
    installerBytes: Math.round(facts.installerBytes / SMALLER),
  };
}

function timersOf({ bringUp, bootInstaller, bootSystem }: BoardFacts): number {
  return 4 * bringUp + bootInstaller + bootSystem;
}
