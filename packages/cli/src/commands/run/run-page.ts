import { once } from 'node:events';
import { serveRun } from '../../page/serve-run.js';
import { EXIT } from '../../process/exit-codes.js';
import { onInterruption } from '../../process/interruption.js';
import type { Terminal } from '../../process/terminal.js';
import { findRuns, type RunCommandOptions } from './run-location.js';

/** `turingpi run watch --page [RUN]`: serves the page of a run, also of one that has ended, until Ctrl-C. */
export async function runPage(
  which: string | undefined,
  options: RunCommandOptions & { readonly port?: number },
  terminal: Terminal,
): Promise<number> {
  const runs = await findRuns(options, terminal);
  const { id } = await runs.find(which);
  using interruption = onInterruption(() => undefined);
  const { signal } = interruption;
  await using page = await serveRun(runs, id, { signal, port: options.port });
  const text =
    options.json === true
      ? JSON.stringify({ event: 'page', runId: id, url: page.url })
      : `Run ${id}: ${page.url}\nThe address opens once, in one browser. Ctrl-C ends the page, not the run.`;
  terminal.stdout.write(`${text}\n`);
  if (!signal.aborted) await once(signal, 'abort');
  return EXIT.ok;
}
