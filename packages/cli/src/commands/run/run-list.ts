import type { RunRecord } from '@turingpi/core';
import { EXIT } from '../../process/exit-codes.js';
import type { Terminal } from '../../process/terminal.js';
import { formatDuration } from '../../render/format.js';
import { localTime } from '../../render/local-time.js';
import { printable } from '../../render/printable.js';
import { renderTable } from '../../render/table.js';
import { findRuns, type RunCommandOptions } from './run-location.js';

const DEFAULT_LIMIT = 20;

/** `turingpi run list`: the runs on file, the newest first. */
export async function runList(
  options: RunCommandOptions & { readonly limit?: number },
  terminal: Terminal,
): Promise<number> {
  const runs = await findRuns(options, terminal);
  const records = await runs.list(options.limit ?? DEFAULT_LIMIT);
  if (options.json === true) {
    terminal.stdout.write(
      `${JSON.stringify({ directory: runs.directory, runs: records.map(recordAsJson) })}\n`,
    );
    return EXIT.ok;
  }
  if (records.length === 0) {
    terminal.stdout.write(`No run is on file in ${printable(runs.directory)}.\n`);
    return EXIT.ok;
  }
  const rows = records.map(({ id, started, outcome, durationMs }) => [
    id,
    started === undefined ? '' : localTime(started.at),
    printable(started?.command ?? ''),
    printable(started?.nodes.map(({ hostname }) => hostname).join(' ') ?? ''),
    outcome,
    durationMs === undefined ? '' : formatDuration(durationMs),
  ]);
  const head = ['run', 'started', 'command', 'nodes', 'outcome', 'time'];
  terminal.stdout.write(renderTable(head, rows, terminal.stdout.columns));
  return EXIT.ok;
}

/** A run for programs: what its first line says, and how it ended. */
export function recordAsJson({ started, ...record }: RunRecord): Readonly<Record<string, unknown>> {
  if (started === undefined) return record;
  const { seq: _seq, runId: _runId, type: _type, at: startedAt, ...facts } = started;
  return { ...record, startedAt, ...facts };
}
