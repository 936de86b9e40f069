import type { Terminal } from '../process/terminal.js';
import { JsonReporter } from './json-reporter.js';
import { LiveReporter } from './live-reporter.js';
import { PlainReporter } from './plain-reporter.js';
import type { Reporter } from './reporter.js';

/** JSON lines when asked for, live lines in a terminal, plain lines elsewhere. */
export function createReporter(terminal: Terminal, options: { readonly json: boolean }): Reporter {
  if (options.json) return new JsonReporter(terminal.stdout);
  return terminal.stdout.isTTY === true
    ? new LiveReporter(terminal.stdout)
    : new PlainReporter(terminal.stdout);
}
