import type { Command } from 'commander';
import { addOutputOptions } from '../../process/output-options.js';
import type { Terminal } from '../../process/terminal.js';
import type { pluginList } from './plugin-list.js';
import type { PluginNewOptions } from './plugin-new.js';

/** Adds the commands about plugins: which there are, and one more for their authors. */
export function addPluginCommands(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  const plugin = program
    .command('plugin')
    .description('Packages that add operating systems, boards and more');

  const command = (usage: string, description: string) =>
    addOutputOptions(plugin.command(usage).description(description));

  command('list', 'List the plugins that were found, from where, with versions')
    .option('-c, --config <file>', 'configuration file (default: turingpi.yaml here, if there is one)')
    .addHelpText('after', '\nExample:\n  turingpi plugin list -c lab.yaml')
    .action(async (options: Parameters<typeof pluginList>[0]) =>
      exit(await (await import('./plugin-list.js')).pluginList(options, terminal)),
    );

  command('new', 'Make a package with a plugin that builds, is tested and passes its suite')
    .argument('<kind>', 'os, board, strategy or action')
    .argument('<name>', 'words of small letters with hyphens between them, for example hosts-line')
    .option('--js', 'plain JavaScript, without a compiler (default: TypeScript)')
    .option('-o, --output <folder>', 'where (default: turingpi-KIND-NAME here)')
    .addHelpText(
      'after',
      '\nThen, in its folder: npm install, npm test.\n\nExamples:\n  turingpi plugin new action hosts-line\n  turingpi plugin new board jetson --js -o ./jetson',
    )
    .action(async (kind: string, name: string, options: PluginNewOptions) =>
      exit(await (await import('./plugin-new.js')).pluginNew(kind, name, options, terminal)),
    );
}
