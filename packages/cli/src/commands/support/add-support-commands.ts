import type { Command } from 'commander';
import { addBoardAccessOptions } from '../../process/board-access-options.js';
import type { Terminal } from '../../process/terminal.js';
import type { checklist } from './checklist.js';
import { parseItems } from './parse-items.js';
import type { supportBundle } from './support-bundle.js';

/** Adds the commands by which what was seen on a real board comes back to those who make this. */
export function addSupportCommands(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  const command = (usage: string, description: string) =>
    addBoardAccessOptions(program.command(usage).description(description)).option(
      '--offline',
      'ask nothing of the board',
    );
  const done = async (result: Promise<number>) => exit(await result);

  command('support-bundle', 'Write what somebody needs who is to help into one file, without secrets')
    .argument('[run]', "the beginning of a run's name (default: the newest)")
    .option('-o, --output <file>', 'where it is written (default: turingpi-support-TIME.md here)')
    .addHelpText(
      'after',
      `
In it: versions, what the configuration is made of, firmware, what doctor finds, the events of a run, the end of the log and
of each console. Nothing is changed or sent. What cannot be had is said in its place.

Examples:
  turingpi support-bundle
  turingpi support-bundle 20260102T0304 -o bundle.md
  turingpi support-bundle --host 192.168.1.90 --offline`,
    )
    .action(async (run: string | undefined, options: Parameters<typeof supportBundle>[1]) =>
      done((await import('./support-bundle.js')).supportBundle(run, options, terminal)),
    );

  command(
    'checklist',
    'Say of each assumption about real boards whether it holds on yours, and write it down',
  )
    .option('--holds <items>', 'numbers of those that hold, for example 1,3', parseItems)
    .option('--fails <items>', 'numbers of those that do not', parseItems)
    .option('-o, --output <file>', 'where it is written (default: turingpi-checklist.md here)')
    .addHelpText(
      'after',
      `
Asks about each one, with how it is seen; what options say is not asked. Nothing is changed or sent.

Examples:
  turingpi checklist
  turingpi checklist --holds 1,3,7 --fails 4 -o board-1.md`,
    )
    .action(async (options: Parameters<typeof checklist>[0]) =>
      done((await import('./checklist.js')).checklist(options, terminal)),
    );
}
