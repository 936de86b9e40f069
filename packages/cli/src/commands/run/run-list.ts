import type { RunRecord } from '@turingpi/core';
import Table from 'cli-table3';
import { EXIT } from '../../process/exit-codes.js';
import type { Terminal } from '../../process/terminal.js';
import { formatDuration } from '../../render/format.js';
import { printable } from '../../render/printable.js';
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
  const table = new Table({
    head: ['run', 'started', 'command', 'nodes', 'outcome', 'time'],
    style: { head: [], border: [] },
  });
  for (const { id, started, outcome, durationMs } of records)
    table.push([
      id,
      started === undefined ? '' : printable(started.at.slice(0, 16).replace('T', ' ')),
      printable(started?.command ?? ''),
      printable(started?.nodes.map(({ hostname }) => hostname).join(' ') ?? ''),
      outcome,
      durationMs === undefined ? '' : formatDuration(durationMs),
    ]);
  terminal.stdout.write(`${table.toString()}\n`);
  return EXIT.ok;
}

/** A run for programs: what its first line says, and how it ended. */
export function recordAsJson({ started, ...record }: RunRecord): Readonly<Record<string, unknown>> {
  if (started === undefined) return record;
  const { seq: _seq, runId: _runId, type: _type, at: startedAt, ...facts } = started;
  return { ...record, startedAt, ...facts };
}
