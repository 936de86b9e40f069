import { type PhaseRecord, PHASES } from '@turingpi/core';
import Table from 'cli-table3';
import { openCluster } from '../cluster/open-cluster.js';
import { EXIT } from '../process/exit-codes.js';
import type { Terminal } from '../process/terminal.js';

/** `turingpi status`: what the state file says of every configured node. Asks neither board nor nodes. */
export async function status(
  options: { readonly config?: string; readonly json?: boolean },
  terminal: Terminal,
): Promise<number> {
  await using opened = await openCluster(options.config, terminal);
  const { cluster } = opened;
  const nodes = await cluster.status();
  if (options.json === true) {
    const record = Object.fromEntries([...nodes].map(([id, phases]) => [`Node${id}`, phases]));
    terminal.stdout.write(`${JSON.stringify({ stateFile: cluster.stateFile, nodes: record })}\n`);
    return EXIT.ok;
  }
  const table = new Table({
    head: ['node', 'phase', 'status', 'since', ''],
    style: { head: [], border: [] },
  });
  for (const [id, phases] of nodes)
    for (const phase of PHASES) {
      const { status: phaseStatus, timestamp, error } = phases[phase];
      table.push([`Node${id}`, phase, phaseStatus, timestamp, remarkOf(phases[phase]) ?? error?.code ?? '']);
    }
  terminal.stdout.write(`${table.toString()}\nstate: ${cluster.stateFile}\n`);
  return EXIT.ok;
}

/** In which state a node was left, where the status alone does not say it. */
function remarkOf({ status: phaseStatus, erased, voided, adopted }: PhaseRecord): string | undefined {
  if (voided !== undefined) return voided;
  if (erased === true && phaseStatus !== 'completed') return 'its old system is gone';
  return adopted === true ? 'adopted' : undefined;
}
