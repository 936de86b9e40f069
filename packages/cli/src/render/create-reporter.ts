import type { Terminal } from '../process/terminal.js';
import { createPalette } from './palette.js';
import type { Reporter } from './reporter.js';

/** JSON lines when asked for, live lines in a terminal, plain lines elsewhere. */
export async function createReporter(
  terminal: Terminal,
  options: { readonly json: boolean },
): Promise<Reporter> {
  // One of the three is loaded: what draws live lines takes longer than a run that has nothing to do.
  if (options.json) {
    const { JsonReporter } = await import('./json-reporter.js');
    return new JsonReporter(terminal.stdout);
  }
  const palette = createPalette(terminal.stdout, terminal.environment);
  if (terminal.stdout.isTTY === true) {
    const { LiveReporter } = await import('./live-reporter.js');
    return new LiveReporter(terminal.stdout, palette);
  }
  const { PlainReporter } = await import('./plain-reporter.js');
  return new PlainReporter(terminal.stdout, palette);
}
