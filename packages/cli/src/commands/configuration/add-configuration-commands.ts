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

  command('validate', 'Find everything that is wrong in a configuration; nothing is reached')
    .argument('[file]', 'the configuration (default: turingpi.yaml here)')
    .option('-c, --config <file>', 'the same')
    .addHelpText(
      'after',
      '\nExits with 0 when nothing is wrong, with 3 when something is.\n\nExamples:\n  turingpi validate\n  turingpi validate lab.yaml --json',
    )
    .action(
      async (file: string | undefined, options: { readonly config?: string; readonly json?: boolean }) =>
        exit(await (await import('./validate.js')).validate(file, options, terminal)),
    );

  command('schema', 'Print the JSON Schema of a configuration, with what plugins add: for editors')
    .option('-c, --config <file>', 'the configuration whose plugins count (default: turingpi.yaml here)')
    .option('-o, --output <file>', 'write it to a file')
    .addHelpText(
      'after',
      '\nExamples:\n  turingpi schema -o turingpi.schema.json\n  turingpi schema -c lab.yaml',
    )
    .action(async (options: { readonly config?: string; readonly output?: string }) =>
      exit(await (await import('./schema.js')).schema(options, terminal)),
    );

  command('explain', 'Say what an error code means, and what to do')
    .argument('[code]', 'for example BMC_UNTRUSTED (default: list them all)')
    .addHelpText('after', '\nExamples:\n  turingpi explain BMC_UNTRUSTED\n  turingpi explain --json')
    .action(async (code: string | undefined, options: { readonly json?: boolean }) =>
      exit((await import('./explain.js')).explain(code, options, terminal)),
    );
}
