import type { Command, CommandOptions } from 'commander';
import { addConfigOption } from '../../process/config-option.js';
import { parseSizeOption } from '../../process/size-option.js';
import { addOutputOptions } from '../../process/output-options.js';
import type { Terminal } from '../../process/terminal.js';
import type { cacheList, cachePrune, cacheVerify } from './cache.js';

/** Adds the commands about what earlier runs left to be used again. */
export function addCacheCommands(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  const cache = program
    .command('cache')
    .description('Customised images, downloads and what was made of them');
  const command = (usage: string, description: string, how: CommandOptions = {}) =>
    addConfigOption(
      addOutputOptions(cache.command(usage, how).description(description)),
      'configuration that names the cache (default: turingpi.yaml here)',
    ).option('--cache-dir <dir>', "the directory itself (default: the user's cache directory)");
  const done = async (result: Promise<number>) => exit(await result);

  command('list', 'Show what lies in the cache, the longest unused first')
    .addHelpText('after', '\nExamples:\n  turingpi cache list\n  turingpi cache list -c lab.yaml --json')
    .action(async (options: Parameters<typeof cacheList>[0]) =>
      done((await import('./cache.js')).cacheList(options, terminal)),
    );

  command('prune', 'Make room: remove what was not used for the longest time')
    .option(
      '--max-size <size>',
      "what may stay, for example 10G (default: the configuration's cacheMaxSize, else 20G)",
      parseSizeOption,
    )
    .option('--all', 'everything, also images that the state counts on: the next run makes them again')
    .option('--dry-run', 'only show what would be removed')
    .addHelpText(
      'after',
      '\nExamples:\n  turingpi cache prune --max-size 10G\n  turingpi cache prune --all --dry-run',
    )
    .action(async (options: Parameters<typeof cachePrune>[0]) =>
      done((await import('./cache.js')).cachePrune(options, terminal)),
    );

  command('verify', 'Compare the digests of everything in the cache, and look who may read it', {
    hidden: true,
  })
    .option('--fix', 'take rights away from others; remove what is damaged and can be made again')
    .addHelpText('after', '\nExamples:\n  turingpi cache verify\n  turingpi cache verify --fix')
    .action(async (options: Parameters<typeof cacheVerify>[0]) =>
      done((await import('./cache.js')).cacheVerify(options, terminal)),
    );
}
