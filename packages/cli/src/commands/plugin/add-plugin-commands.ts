import type { Command } from 'commander';
import type { Terminal } from '../../process/terminal.js';
import type { PluginNewOptions } from './plugin-new.js';

/** Adds the commands for authors of plugins. */
export function addPluginCommands(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  const plugin = program
    .command('plugin')
    .description('Packages that add operating systems, boards and more');

  plugin
    .command('new')
    .description('Make a package with a plugin that builds, is tested and passes its suite')
    .argument('<kind>', 'os, board, strategy or action')
    .argument('<name>', 'words of small letters with hyphens between them, for example hosts-line')
    .option('--js', 'plain JavaScript, without a compiler (default: TypeScript)')
    .option('-o, --output <folder>', 'where (default: turingpi-KIND-NAME here)')
    .option('--json', 'JSON instead of text')
    .option('--verbose', 'stack traces with errors')
    .addHelpText(
      'after',
      '\nThen, in its folder: npm install, npm test.\n\nExamples:\n  turingpi plugin new action hosts-line\n  turingpi plugin new board jetson --js -o ./jetson',
    )
    .action(async (kind: string, name: string, options: PluginNewOptions) =>
      exit(await (await import('./plugin-new.js')).pluginNew(kind, name, options, terminal)),
    );
}
