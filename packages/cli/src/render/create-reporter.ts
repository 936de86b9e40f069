import type { Terminal } from '../process/terminal.js';
import { createPalette } from './palette.js';
import type { Reporter } from './reporter.js';

/** JSON lines when asked for, live lines in a terminal, plain lines elsewhere; of all of them the end alone when quiet. */
export async function createReporter(
  terminal: Terminal,
  options: { readonly json: boolean },
): Promise<Reporter> {
  if (terminal.quiet === true) {
    const { QuietReporter } = await import('./quiet-reporter.js');
    return new QuietReporter(await createReporterOfLines(terminal, options));
  }
  if (options.json || terminal.stdout.isTTY !== true) return createReporterOfLines(terminal, options);
  // One is loaded: what draws live lines takes longer than a run that has nothing to do.
  const { LiveReporter } = await import('./live-reporter.js');
  return new LiveReporter(terminal.stdout, createPalette(terminal.stdout, terminal.environment));
}

async function createReporterOfLines(
  { stdout, environment }: Terminal,
  { json }: { readonly json: boolean },
): Promise<Reporter> {
  if (json) {
    const { JsonReporter } = await import('./json-reporter.js');
    return new JsonReporter(stdout);
  }
  const { PlainReporter } = await import('./plain-reporter.js');
  return new PlainReporter(stdout, createPalette(stdout, environment));
}
