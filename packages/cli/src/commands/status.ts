import { type PhaseRecord, PHASES } from '@turingpi/core';
import Table from 'cli-table3';
import { nodeName } from '@turingpi/foundation';
import { openBoards } from '../cluster/open-boards.js';
import { EXIT } from '../process/exit-codes.js';
import type { Terminal } from '../process/terminal.js';

/** `turingpi status`: what the state file says of every configured node. Asks neither board nor nodes. */
export async function status(
  options: { readonly config?: string; readonly json?: boolean },
  terminal: Terminal,
): Promise<number> {
  await using opened = await openBoards(options.config, terminal);
  const boards = await Promise.all(
    opened.boards.map(async ({ name, cluster }) => ({
      name,
      stateFile: cluster.stateFile,
      nodes: await cluster.status(),
    })),
  );
  if (options.json === true) {
    const records = boards.map(({ name, stateFile, nodes }) => ({
      ...(name === undefined ? {} : { board: name }),
      stateFile,
      nodes: Object.fromEntries([...nodes].map(([id, phases]) => [nodeName(id), phases])),
    }));
    const [first] = records;
    terminal.stdout.write(
      `${JSON.stringify(opened.boards[0]?.name === undefined ? first : { boards: records })}\n`,
    );
    return EXIT.ok;
  }
  for (const { name, stateFile, nodes } of boards) {
    const table = new Table({
      head: ['node', 'phase', 'status', 'since', ''],
      style: { head: [], border: [] },
    });
    const board = name === undefined ? '' : `${name}/`;
    for (const [id, phases] of nodes)
      for (const phase of PHASES) {
        const { status: phaseStatus, timestamp, error } = phases[phase];
        const remark = remarkOf(phases[phase]) ?? error?.code ?? '';
        table.push([`${board}${nodeName(id)}`, phase, phaseStatus, timestamp, remark]);
      }
    terminal.stdout.write(`${table.toString()}\nstate: ${stateFile}\n`);
  }
  return EXIT.ok;
}

/** In which state a node was left, where the status alone does not say it. */
function remarkOf({ status: phaseStatus, erased, voided, adopted }: PhaseRecord): string | undefined {
  if (voided !== undefined) return voided;
  if (erased === true && phaseStatus !== 'completed') return 'its old system is gone';
  return adopted === true ? 'adopted' : undefined;
}
