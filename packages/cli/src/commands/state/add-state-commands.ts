import type { Command } from 'commander';
import { addBoardOption, addOnlyBoardOption, nodeOfBoard } from '../../process/board-option.js';
import { parseNodeNames } from '../../process/node-names.js';
import { parsePhase } from '../../process/phase-words.js';
import { addOutputOptions } from '../../process/output-options.js';
import type { Terminal } from '../../process/terminal.js';
import type { stateExport } from './state-export.js';
import type { stateForget } from './state-forget.js';
import type { stateImport } from './state-import.js';
import type { stateJournal } from './state-journal.js';
import type { stateShow } from './state-show.js';
import type { stateVerify } from './state-verify.js';

/** Adds the commands about what is on record of nodes: to look at it, check it, move it, remove some of it. */
export function addStateCommands(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  const state = program
    .command('state')
    .description('What is on record of the nodes: look at it, check it, take it elsewhere');
  const command = (usage: string, description: string) =>
    addOutputOptions(state.command(usage).description(description)).option(
      '-c, --config <file>',
      'configuration file (default: turingpi.yaml here)',
    );
  const onAllBoards = (usage: string, description: string) => addOnlyBoardOption(command(usage, description));
  const onOneBoard = (usage: string, description: string) => addBoardOption(command(usage, description));
  const withPassphrase = (of: Command) =>
    of
      .option('--passphrase-file <file>', 'where the passphrase is (default: it is asked for)')
      .option('--passphrase-env <name>', 'environment variable that holds it');
  const done = async (result: Promise<number>) => exit(await result);

  onAllBoards('show', 'Show what is on record: installations, inputs, where the files are')
    .argument(
      '[nodes]',
      'only these nodes, for example 2 or 1,3; with several boards shelf/2',
      parseNodeNames,
    )
    .addHelpText('after', '\nExamples:\n  turingpi state show\n  turingpi state show 2 --json')
    .action(async (nodes: Parameters<typeof stateShow>[0], options: Parameters<typeof stateShow>[1]) =>
      done((await import('./state-show.js')).stateShow(nodes, options, terminal)),
    );

  onAllBoards('verify', 'Look whether the records are whole and fit together; exit code 1 when they do not')
    .addHelpText('after', '\nNothing is changed, and nobody is asked.\n\nExample:\n  turingpi state verify')
    .action(async (options: Parameters<typeof stateVerify>[0]) =>
      done((await import('./state-verify.js')).stateVerify(options, terminal)),
    );

  const journal = onOneBoard('journal', 'Show what was done on a node after its installation');
  journal
    .argument('<node>', 'number of the node; with several boards shelf/2', nodeOfBoard(journal))
    .addHelpText('after', '\nExamples:\n  turingpi state journal 2\n  turingpi state journal 2 --json')
    .action(async (node: Parameters<typeof stateJournal>[0], options: Parameters<typeof stateJournal>[1]) =>
      done((await import('./state-journal.js')).stateJournal(node, options, terminal)),
    );

  const forget = onOneBoard('forget', 'Remove what is on record of a node, or of one of its phases');
  forget
    .argument('<node>', 'number of the node; with several boards shelf/2', nodeOfBoard(forget))
    .argument('[phase]', 'image, install or post (default: all three)', parsePhase)
    .option('-y, --yes', 'do not ask')
    .addHelpText(
      'after',
      `
The node itself is left as it is. Without its installation on record it is unknown, not new: only its number erases it,
and \`turingpi adopt\` makes a record of what it says of itself.

Examples:
  turingpi state forget 2 post         its actions are done again
  turingpi state forget 2`,
    )
    .action(
      async (
        node: Parameters<typeof stateForget>[0],
        phase: Parameters<typeof stateForget>[1],
        options: Parameters<typeof stateForget>[2],
      ) => done((await import('./state-forget.js')).stateForget(node, phase, options, terminal)),
    );

  withPassphrase(onAllBoards('export', 'Write state, journals, secrets and ledger into one encrypted file'))
    .argument('<file>', 'the new file')
    .option('--overwrite', 'replace the file when it is there')
    .addHelpText(
      'after',
      '\nExamples:\n  turingpi state export lab.sealed\n  turingpi state export lab.sealed --passphrase-file ~/.tpi-passphrase',
    )
    .action(async (file: string, options: Parameters<typeof stateExport>[1]) =>
      done((await import('./state-export.js')).stateExport(file, options, terminal)),
    );

  withPassphrase(onAllBoards('import', 'Put on record what was exported, for example on another computer'))
    .argument('<file>', 'what `turingpi state export` wrote')
    .option('--replace', 'also where there are records already; they are sealed into a file beside the state')
    .option('-y, --yes', 'do not ask before records are replaced')
    .addHelpText(
      'after',
      '\nExamples:\n  turingpi state import lab.sealed\n  turingpi state import lab.sealed --replace',
    )
    .action(async (file: string, options: Parameters<typeof stateImport>[1]) =>
      done((await import('./state-import.js')).stateImport(file, options, terminal)),
    );
}
