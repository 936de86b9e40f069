import { type Command, Option } from 'commander';
import { addConfiguredCommand } from '../process/config-option.js';
import { ERASE_DESCRIPTION, parseErase } from '../process/erase-option.js';
import { type Named, namedNodes, someNodes } from '../process/named-nodes.js';
import { type NodeName, parseNodeNames } from '../process/node-names.js';
import { addFailureOptions, addPhaseOptions } from '../process/run-limits.js';
import type { Terminal } from '../process/terminal.js';
import type { plan } from './plan.js';
import type { reinstall } from './reinstall.js';
import type { up } from './up.js';

const ONLY_THESE =
  'only these nodes, for example 2 or 1,3; with several boards shelf/2, or shelf for all of it';
const STRATEGY_DESCRIPTION =
  'how nodes are installed this time, whatever the configuration says: flash, or what a plugin has';

/** Adds the commands that bring nodes to what a configuration says, and the one that says what they would do. */
export function addProvisionCommands(
  program: Command,
  terminal: Terminal,
  exit: (code: number) => void,
): void {
  const command = (name: string, description: string) => addConfiguredCommand(program, name, description);
  const done = async (result: Promise<number>) => exit(await result);

  addFailureOptions(
    addPhaseOptions(command('up', 'Customise, flash and finish every node; what is done already is skipped')),
  )
    .option('-n, --node <nodes>', ONLY_THESE, parseNodeNames)
    .addOption(new Option('--erase <disks>', ERASE_DESCRIPTION).argParser(parseErase))
    .option('--install <strategy>', STRATEGY_DESCRIPTION)
    .option('--offline', 'do not ask finished nodes whether what is on record still holds')
    .option('--plan <file>', 'do what this plan says, or nothing; it approves what it erases')
    .option('--dry-run', 'say what would be done, as turingpi plan')
    .option('--wait', 'wait for nodes that another run has, rather than to fail')
    .option('--watch', 'serve a page of the run on this computer while it goes on')
    .option('--accept-image-mismatch', 'take base images that were made for another board or system')
    .addHelpText(
      'after',
      `
Installing erases a disk: up asks once for all nodes, or takes --erase; without a terminal and without --erase nothing
is erased. A finished node whose settings changed is never erased by up itself unless that is approved.

Examples:
  turingpi up
  turingpi up --erase new               the first run of a script
  turingpi up --until image             make the images, and stop
  turingpi up -c lab.yaml --node 1,3 --json`,
    )
    .action(async (options: Parameters<typeof up>[0]) =>
      done((await import('./up.js')).up(options, terminal)),
    );

  addPhaseOptions(command('plan', 'Say what up would do, and why; nothing is changed'))
    .option('-n, --node <nodes>', ONLY_THESE, parseNodeNames)
    .option('--reinstall <ids>', 'as if these finished nodes were to be installed anew', parseNodeNames)
    .addOption(new Option('--erase <disks>', ERASE_DESCRIPTION).argParser(parseErase))
    .option('--install <strategy>', STRATEGY_DESCRIPTION)
    .option('--offline', 'do not ask finished nodes whether what is on record still holds')
    .option('--accept-image-mismatch', 'take base images that were made for another board or system')
    .option('-o, --output <file>', 'write the plan to a file, for up --plan')
    .addHelpText(
      'after',
      `
Exits with 0 when there is nothing to do, with 6 when there is.

Examples:
  turingpi plan
  turingpi plan --reinstall 2 -o plan.json
  turingpi up --plan plan.json          exactly this, or nothing
  turingpi plan --json --offline`,
    )
    .action(async (options: Parameters<typeof plan>[0]) =>
      done((await import('./plan.js')).plan(options, terminal)),
    );

  addFailureOptions(command('reinstall', 'Erase nodes and install them anew, one after the other'))
    .argument('[nodes...]', 'nodes, for example 2 or 1,3; with several boards shelf/2')
    .option('-n, --node <nodes>', 'the same', parseNodeNames)
    .addOption(new Option('--erase <disks>', ERASE_DESCRIPTION).argParser(parseErase))
    .option('--install <strategy>', STRATEGY_DESCRIPTION)
    .option('--dry-run', 'say what would be done, as turingpi plan --reinstall')
    .option('--wait', 'wait for nodes that another run has, rather than to fail')
    .option('--accept-image-mismatch', 'take base images that were made for another board or system')
    .addHelpText(
      'after',
      '\nAsks before anything is erased.\n\nExamples:\n  turingpi reinstall 2\n  turingpi reinstall 1,3 --erase 1,3',
    )
    .action(
      async (operands: string[], options: Parameters<typeof reinstall>[1] & Named<readonly NodeName[]>) => {
        const nodes = someNodes(namedNodes(operands, options.node, parseNodeNames));
        return done((await import('./reinstall.js')).reinstall(nodes, options, terminal));
      },
    );
}
