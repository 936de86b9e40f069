import type { Command } from 'commander';
import type { Terminal } from '../../process/terminal.js';

/** Adds the commands about a configuration and what is wrong with it. */
export function addConfigurationCommands(
  program: Command,
  terminal: Terminal,
  exit: (code: number) => void,
): void {
  const command = (usage: string, description: string) =>
    program
      .command(usage)
      .description(description)
      .option('--json', 'JSON instead of text')
      .option('--verbose', 'stack traces with errors');

  command('explain', 'Say what an error code means, and what to do')
    .argument('[code]', 'for example BMC_UNTRUSTED (default: list them all)')
    .addHelpText('after', '\nExamples:\n  turingpi explain BMC_UNTRUSTED\n  turingpi explain --json')
    .action(async (code: string | undefined, options: { readonly json?: boolean }) =>
      exit((await import('./explain.js')).explain(code, options, terminal)),
    );
}
