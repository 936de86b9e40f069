import type { NodeId } from '@turingpi/foundation';
import type { Command } from 'commander';
import { addBoardOption, addOnlyBoardOption, nodeOfBoard } from '../../process/board-option.js';
import { addConfiguredCommand } from '../../process/config-option.js';
import { asUsage, type Named, nodesFirst, someNodes } from '../../process/named-nodes.js';
import { type NodeName, parseNodeNames } from '../../process/node-names.js';
import { parsePhase } from '../../process/phase-words.js';
import type { Terminal } from '../../process/terminal.js';
import { UsageError } from '../../process/usage-error.js';
import type { stateExport } from './state-export.js';
import type { stateImport } from './state-import.js';
import type { stateShow } from './state-show.js';
import type { stateVerify } from './state-verify.js';

type ShowOptions = Parameters<typeof stateShow>[1] & Named<readonly NodeName[]>;

/** Adds the commands about what is on record of nodes: to look at it, check it, move it, remove some of it. */
export function addStateCommands(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  const state = program
    .command('state')
    .description('What is on record of the nodes: look at it, check it, take it elsewhere');
  const command = (usage: string, description: string) => addConfiguredCommand(state, usage, description);
  const onAllBoards = (usage: string, description: string) => addOnlyBoardOption(command(usage, description));
  const onOneBoard = (usage: string, description: string) => addBoardOption(command(usage, description));
  const withPassphrase = (of: Command) =>
    of
      .option('--passphrase-file <file>', 'where the passphrase is (default: it is asked for)')
      .option('--passphrase-env <name>', 'environment variable that holds it');
  const done = async (result: Promise<number>) => exit(await result);

  onAllBoards('show', 'Show what is on record: installations, inputs, where the files are')
    .argument('[nodes]', 'only these nodes, for example 2 or 1,3; with several boards shelf/2')
    .option('-n, --node <nodes>', 'the same', parseNodeNames)
    .addHelpText('after', '\nExamples:\n  turingpi state show\n  turingpi state show 2 --json')
    .action(async (operand: string | undefined, options: ShowOptions) => {
      const nodes = nodesFirst([operand], options.node, parseNodeNames).nodes;
      return done((await import('./state-show.js')).stateShow(nodes, options, terminal));
    });

  addOnlyBoardOption(
    addConfiguredCommand(state, 'verify', 'Look whether the records are whole and fit together', {
      hidden: true,
    }),
  )
    .addHelpText('after', '\nNothing is changed, and nobody is asked.\n\nExample:\n  turingpi state verify')
    .action(async (options: Parameters<typeof stateVerify>[0]) =>
      done((await import('./state-verify.js')).stateVerify(options, terminal)),
    );

  const journal = onOneBoard('journal', 'Show what was done on a node after its installation');
  journal
    .argument('[node]', 'number of the node; with several boards shelf/2')
    .option('-n, --node <node>', 'the same', nodeOfBoard(journal))
    .addHelpText('after', '\nExamples:\n  turingpi state journal 2\n  turingpi state journal 2 --json')
    .action(async (operand: string | undefined, { node }: Named<NodeId>) => {
      const named = someNodes(nodesFirst([operand], node, nodeOfBoard(journal)).nodes);
      return done((await import('./state-journal.js')).stateJournal(named, journal.opts(), terminal));
    });

  const forget = onOneBoard('forget', 'Remove what is on record of a node, or of one of its phases');
  forget
    .argument('[node]', 'number of the node; with several boards shelf/2')
    .argument('[phase]', 'image, install or post (default: all three)')
    .option('-n, --node <node>', 'the node; then only a phase stands after it', nodeOfBoard(forget))
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
    .action(async (first: string | undefined, second: string | undefined, { node }: Named<NodeId>) => {
      const { nodes, rest } = nodesFirst([first, second], node, nodeOfBoard(forget));
      const [phase, ...more] = rest;
      if (more.length > 0) throw new UsageError('state forget takes one node and one phase');
      return done(
        (await import('./state-forget.js')).stateForget(
          someNodes(nodes),
          phase === undefined ? undefined : asUsage(() => parsePhase(phase)),
          forget.opts(),
          terminal,
        ),
      );
    });

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
