import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { RunEvent } from '@turingpi/core';
import { renderReport } from '@turingpi/dashboard';
import { EXIT } from '../../process/exit-codes.js';
import type { Terminal } from '../../process/terminal.js';
import { UsageError } from '../../process/usage-error.js';
import { findRuns, type RunCommandOptions } from './run-location.js';

export interface RunReportOptions extends RunCommandOptions {
  /** Default: standard output. */
  readonly output?: string;
}

/** `turingpi run report [RUN]`: one HTML file of a run, which needs nothing else. */
export async function runReport(
  which: string | undefined,
  options: RunReportOptions,
  terminal: Terminal,
): Promise<number> {
  const { output } = options;
  if (output === undefined && terminal.stdout.isTTY === true)
    throw new UsageError(
      'a report is a page for a browser, and standard output is a terminal',
      'Give it a file: turingpi run report -o report.html',
    );
  const runs = await findRuns(options, terminal);
  const { id } = await runs.find(which);
  const events: RunEvent[] = [];
  for await (const event of runs.read(id)) events.push(event);
  const report = await renderReport(events);
  if (output === undefined) {
    terminal.stdout.write(report);
    return EXIT.ok;
  }
  const file = path.resolve(terminal.cwd, output);
  await writeFile(file, report).catch((cause: unknown) => {
    throw new UsageError(`--output ${file} cannot be written: ${String(cause)}`, 'Choose another file.');
  });
  const text =
    options.json === true ? JSON.stringify({ event: 'report', runId: id, file }) : `Run ${id}: ${file}`;
  terminal.stdout.write(`${text}\n`);
  return EXIT.ok;
}
