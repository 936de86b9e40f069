import type { Command } from 'commander';
import type { Terminal } from './terminal.js';

/** Adds what every command has: how much it says, and in which form. */
export function addOutputOptions(command: Command): Command {
  return command
    .option('--json', 'JSON instead of text, one object a line')
    .option('-q, --quiet', 'results, warnings and errors alone: no progress and no remarks')
    .option('--verbose', 'debug lines in the log, stack traces with errors');
}

/** What a command line says of these options, before it is parsed: whoever cannot parse it has to tell so. */
export interface OutputChoice {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** @param words - of the command line, without node and script */
export function outputChoice(words: readonly string[]): OutputChoice {
  const end = words.indexOf('--');
  const own = end < 0 ? words : words.slice(0, end);
  const has = (...flags: readonly string[]) => own.some((word) => flags.includes(word));
  return { json: has('--json'), quiet: has('-q', '--quiet'), verbose: has('--verbose') };
}

/** A terminal on which nothing is remarked where the command line is not to. */
export function withQuietOption(terminal: Terminal, { quiet }: OutputChoice): Terminal {
  return quiet ? { ...terminal, quiet } : terminal;
}
