import { type Command, InvalidArgumentError } from 'commander';
import { parsePort } from '../../process/arguments.js';
import { addConfigOption } from '../../process/config-option.js';
import { parseNodeNames } from '../../process/node-names.js';
import { parsePhase } from '../../process/phase-words.js';
import { addOutputOptions } from '../../process/output-options.js';
import type { Terminal } from '../../process/terminal.js';
import { parseAge } from './parse-age.js';
import type { runCancel } from './run-cancel.js';
import type { runList } from './run-list.js';
import type { runLogs } from './run-logs.js';
import type { runPage } from './run-page.js';
import type { runPrune } from './run-prune.js';
import type { runReport } from './run-report.js';
import type { runShow } from './run-show.js';
import type { runWatch } from './run-watch.js';

type WatchOptions = Parameters<typeof runWatch>[1] &
  Parameters<typeof runPage>[1] & { readonly page?: boolean };

const WHICH = "the beginning of a run's name (default: the newest)";

/** Adds the commands about runs that are on file, those that go on included. */
export function addRunCommands(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  const run = program
    .command('run')
    .description('What happened in earlier runs, what happens now, and to stop it');
  const command = (usage: string, description: string) =>
    addConfigOption(
      addOutputOptions(run.command(usage).description(description)),
      'configuration that names the cache directory (default: turingpi.yaml here)',
    ).option('--cache-dir <dir>', "the cache directory itself (default: the user's)");
  const done = async (result: Promise<number>) => exit(await result);

  command('list', 'List the runs, the newest first')
    .option('--limit <n>', 'at most so many (default: 20)', parseCount)
    .addHelpText('after', '\nExamples:\n  turingpi run list\n  turingpi run list --limit 5 --json')
    .action(async (options: Parameters<typeof runList>[0]) =>
      done((await import('./run-list.js')).runList(options, terminal)),
    );

  command('show', 'Show how a run went: each node and phase, and what went wrong')
    .argument('[run]', WHICH)
    .addHelpText('after', '\nExamples:\n  turingpi run show\n  turingpi run show 20260102T0304')
    .action(async (which: string | undefined, options: Parameters<typeof runShow>[1]) =>
      done((await import('./run-show.js')).runShow(which, options, terminal)),
    );

  command('logs', 'Print what happened in a run, line by line')
    .argument('[run]', WHICH)
    .option('-n, --node <nodes>', 'only of these nodes, for example 2 or 1,3', parseNodeNames)
    .option('--phase <phase>', 'only of one phase: image, install or post', parsePhase)
    .addHelpText(
      'after',
      '\nExamples:\n  turingpi run logs\n  turingpi run logs --node 2 --phase install\n  turingpi run logs 20260102T0304 --json',
    )
    .action(async (which: string | undefined, options: Parameters<typeof runLogs>[1]) =>
      done((await import('./run-logs.js')).runLogs(which, options, terminal)),
    );

  command('watch', 'Print what happens in a run while it goes on, from its beginning, until it ends')
    .argument('[run]', WHICH)
    .option('-n, --node <nodes>', 'only of these nodes, for example 2 or 1,3', parseNodeNames)
    .option('--phase <phase>', 'only of one phase: image, install or post', parsePhase)
    .option('--page', 'serve a page of it on this computer instead')
    .option('--port <port>', 'of the page; 0 picks a free one (default: 0)', parsePort)
    .addHelpText(
      'after',
      '\nCtrl-C ends the watching, not the run.\n\nExamples:\n  turingpi run watch\n  turingpi run watch --node 2\n  turingpi run watch --page',
    )
    .action(async (which: string | undefined, options: WatchOptions) =>
      done(
        options.page === true
          ? (await import('./run-page.js')).runPage(which, options, terminal)
          : (await import('./run-watch.js')).runWatch(which, options, terminal),
      ),
    );

  command('report', 'Write a run as one HTML file, to look at or to send')
    .argument('[run]', WHICH)
    .option('-o, --output <file>', 'where it is written (default: standard output)')
    .addHelpText(
      'after',
      '\nExamples:\n  turingpi run report > report.html\n  turingpi run report 20260102T0304 -o report.html',
    )
    .action(async (which: string | undefined, options: Parameters<typeof runReport>[1]) =>
      done((await import('./run-report.js')).runReport(which, options, terminal)),
    );

  command('cancel', 'Ask a run to stop, whichever terminal it runs in')
    .argument('[run]', WHICH)
    .option('--wait', 'return when it has ended')
    .addHelpText(
      'after',
      '\nIt stops as after Ctrl-C: at the next safe point, with records that are true.\n\nExamples:\n  turingpi run cancel\n  turingpi run cancel 20260102T0304 --wait',
    )
    .action(async (which: string | undefined, options: Parameters<typeof runCancel>[1]) =>
      done((await import('./run-cancel.js')).runCancel(which, options, terminal)),
    );

  command('prune', 'Remove runs that are over')
    .option('--keep <n>', 'so many of the newest stay (default: 50; with --older-than 0)', parseCount)
    .option('--older-than <age>', 'only those that began so long ago, for example 12h or 30d', parseAge)
    .option('--dry-run', 'only show what would be removed')
    .addHelpText(
      'after',
      '\nExamples:\n  turingpi run prune --keep 10\n  turingpi run prune --older-than 30d --dry-run',
    )
    .action(async (options: Parameters<typeof runPrune>[0]) =>
      done((await import('./run-prune.js')).runPrune(options, terminal)),
    );
}

function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('a number is meant, for example 20');
  return Number(text);
}
