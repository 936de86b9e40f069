import type { RunEvent } from '@turingpi/core';
import { EXIT } from '../../process/exit-codes.js';
import type { Terminal } from '../../process/terminal.js';
import { describeRunEvent } from '../../render/describe-run-event.js';
import { isMeant, type RunFilter } from './run-filter.js';
import { findRuns, type RunCommandOptions } from './run-location.js';

/** `turingpi run logs [RUN]`: what happened, line by line; with `--json` the lines of the file. */
export async function runLogs(
  which: string | undefined,
  options: RunCommandOptions & RunFilter,
  terminal: Terminal,
): Promise<number> {
  const runs = await findRuns(options, terminal);
  const { id } = await runs.find(which);
  for await (const event of runs.read(id)) {
    if (!terminal.stdout.writable) break; // `| head` stops when it has enough
    writeEvent(event, options, terminal);
  }
  return EXIT.ok;
}

/** Prints an event that is meant. */
export function writeEvent(
  event: RunEvent,
  options: RunFilter & { readonly json?: boolean },
  terminal: Terminal,
): void {
  if (!isMeant(event, options)) return;
  const lines = options.json === true ? [JSON.stringify(event)] : describeRunEvent(event);
  for (const line of lines) terminal.stdout.write(`${line}\n`);
}
