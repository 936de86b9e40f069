import { type RunRecord, summarizeRun } from '@turingpi/core';
import { EXIT } from '../../process/exit-codes.js';
import type { Terminal } from '../../process/terminal.js';
import { formatDuration } from '../../render/format.js';
import { localTime } from '../../render/local-time.js';
import { placeOf } from '../../render/place-of.js';
import { printableLines } from '../../render/printable.js';
import { renderPhaseTable } from '../../render/phase-table.js';
import { recordAsJson } from './run-list.js';
import { findRuns, type RunCommandOptions } from './run-location.js';

/** `turingpi run show [RUN]`: how a run went, node by node, and what went wrong. */
export async function runShow(
  which: string | undefined,
  options: RunCommandOptions,
  terminal: Terminal,
): Promise<number> {
  const runs = await findRuns(options, terminal);
  const record = await runs.find(which);
  const nodes = await summarizeRun(runs.read(record.id));
  if (options.json === true) {
    terminal.stdout.write(`${JSON.stringify({ run: recordAsJson(record), nodes })}\n`);
    return EXIT.ok;
  }
  const write = (text: string) => terminal.stdout.write(`${printableLines(text)}\n`);
  write(headOf(record));
  terminal.stdout.write(renderPhaseTable(nodes, terminal.stdout.columns));
  for (const { failure, outcome, ...node } of nodes) {
    if (failure !== undefined) {
      write(`${placeOf(node)} ${outcome}: ${failure.code}: ${failure.message}`);
      if (failure.hint !== undefined) write(`  ${failure.hint}`);
      for (const line of failure.console ?? []) write(`  | ${line}`);
    } else if (outcome !== 'completed') write(`${placeOf(node)} ${outcome}`);
  }
  write(`\`turingpi run logs ${record.id}\` has every step; the file is ${record.file}`);
  return EXIT.ok;
}

function headOf({ id, started, outcome, durationMs }: RunRecord): string {
  if (started === undefined) return `run ${id}`;
  const { command, version, pid, host, at, boards } = started;
  const simulated = boards.some((board) => board.simulated === true) ? ' on a simulated board' : '';
  const time = durationMs === undefined ? '' : ` after ${formatDuration(durationMs)}`;
  const said = {
    running: 'goes on',
    died: 'died: its process is gone without a word, and the next run goes on from what is on record',
  };
  const end = outcome === 'running' || outcome === 'died' ? said[outcome] : `${outcome}${time}`;
  return `run ${id}: ${command} (${version})${simulated}, begun ${localTime(at)} by process ${pid} on ${host}: ${end}`;
}
