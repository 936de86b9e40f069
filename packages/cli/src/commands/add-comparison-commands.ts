import type { Command } from 'commander';
import { addOnlyBoardOption } from '../process/board-option.js';
import { parseSeconds } from '../process/arguments.js';
import { addConfiguredCommand } from '../process/config-option.js';
import { type NodeName, parseNodeNames } from '../process/node-names.js';
import { type Named, namedNodes } from '../process/named-nodes.js';
import type { Terminal } from '../process/terminal.js';
import type { adopt } from './adopt.js';
import type { drift } from './drift.js';
import type { status } from './status.js';

/** Adds the commands that hold records, nodes and configuration against each other; none of them changes a node. */
export function addComparisonCommands(
  program: Command,
  terminal: Terminal,
  exit: (code: number) => void,
): void {
  const command = (name: string, description: string) => addConfiguredCommand(program, name, description);
  const done = async (result: Promise<number>) => exit(await result);

  command('status', 'Show what has been done to each node')
    .addHelpText('after', '\nExamples:\n  turingpi status\n  turingpi status -c lab.yaml --json')
    .action(async (options: Parameters<typeof status>[0]) =>
      done((await import('./status.js')).status(options, terminal)),
    );

  command('drift', 'Say how finished nodes differ by now from what they are to be; nothing is changed')
    .argument('[nodes...]', 'nodes, for example 2 or 1,3; with several boards shelf/2 (default: all)')
    .option('-n, --node <nodes>', 'the same', parseNodeNames)
    .option('--timeout <seconds>', 'for each node; they are asked side by side', parseSeconds, 300)
    .addHelpText(
      'after',
      '\nExits with 0 when nothing differs, with 6 when something does.\n\nExamples:\n  turingpi drift\n  turingpi drift 2 --json',
    )
    .action(async (operands: string[], options: Parameters<typeof drift>[1] & Named<readonly NodeName[]>) => {
      const nodes = namedNodes(operands, options.node, parseNodeNames);
      return done((await import('./drift.js')).drift(nodes, options, terminal));
    });

  addOnlyBoardOption(command('adopt', 'Make records of what runs on nodes, from what they say of themselves'))
    .argument('[nodes...]', 'nodes, for example 2 or 1,3; with several boards shelf/2 (default: all)')
    .option('-n, --node <nodes>', 'the same', parseNodeNames)
    .option(
      '--fingerprint <sha256>',
      'a host key that is confirmed, as ssh-keygen -l prints it; may be given several times',
      (value: string, all: string[] | undefined) => [...(all ?? []), value],
    )
    .addHelpText(
      'after',
      '\nNothing on a node is changed. A host key that is not known is shown and asked about.\n\nExamples:\n  turingpi adopt\n  turingpi adopt 2 --fingerprint SHA256:uNiVztksCsDhcc0u9e8BrtZmvbc2ukRkVOTJ1xnIEPs',
    )
    .action(async (operands: string[], options: Parameters<typeof adopt>[1] & Named<readonly NodeName[]>) => {
      const nodes = namedNodes(operands, options.node, parseNodeNames);
      return done((await import('./adopt.js')).adopt(nodes, options, terminal));
    });
}
