import { EXIT } from '../../process/exit-codes.js';
import { onInterruption } from '../../process/interruption.js';
import type { Terminal } from '../../process/terminal.js';
import type { RunFilter } from './run-filter.js';
import { findRuns, type RunCommandOptions } from './run-location.js';
import { writeEvent } from './run-logs.js';

/** `turingpi run watch [RUN]`: prints what happens until the run ends; Ctrl-C ends the watching alone. */
export async function runWatch(
  which: string | undefined,
  options: RunCommandOptions & RunFilter,
  terminal: Terminal,
): Promise<number> {
  const runs = await findRuns(options, terminal);
  const { id } = await runs.find(which);
  using interruption = onInterruption(() => undefined);
  let hasEnded = false;
  for await (const event of runs.follow(id, interruption)) {
    hasEnded ||= event.type === 'run:ended';
    if (!terminal.stdout.writable) return EXIT.ok;
    writeEvent(event, options, terminal);
  }
  if (!hasEnded && options.json !== true)
    terminal.stdout.write('its process is gone: the run died; the next one goes on from what is on record\n');
  return EXIT.ok;
}
