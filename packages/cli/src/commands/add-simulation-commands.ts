import { type Command, Option } from 'commander';
import { parseHostArgument, parsePort } from '../process/arguments.js';
import { addBoardOption, addOnlyBoardOption } from '../process/board-option.js';
import { parseNodeNames } from '../process/node-names.js';
import { addOutputOptions } from '../process/output-options.js';
import type { Terminal } from '../process/terminal.js';
import type { demo } from './demo.js';
import type { rehearse } from './rehearse.js';
import type { virtualBoard } from './virtual-board.js';

/** Adds the commands that need no hardware: a simulated board stands in for it. */
export function addSimulationCommands(
  program: Command,
  terminal: Terminal,
  exit: (code: number) => void,
): void {
  const command = (name: string, description: string) =>
    addOutputOptions(program.command(name).description(description));
  const done = async (result: Promise<number>) => exit(await result);

  addOnlyBoardOption(
    command('rehearse', 'Run your configuration, images and workflow on simulated boards, one for each'),
  )
    .option(
      '-n, --node <nodes>',
      'only these nodes, for example 2 or 1,3; with several boards shelf/2, or shelf for all of it',
      parseNodeNames,
    )
    .option('-c, --config <file>', 'configuration file (default: turingpi.yaml here)')
    .option('--keep', 'leave the folder with images, state and the disks of the simulated nodes')
    .addHelpText(
      'after',
      `
Real boards and their nodes are not reached, and what is on record of them is neither used nor changed. All simulated
nodes are empty. Programs on this computer (runLocal) are left out.

Examples:
  turingpi rehearse
  turingpi rehearse -c lab.yaml --node 1 --keep`,
    )
    .action(async (options: Parameters<typeof rehearse>[0]) =>
      done((await import('./rehearse.js')).rehearse(options, terminal)),
    );

  command('demo', 'Provision four simulated nodes, twice, and show what happens')
    .option('--output <dir>', 'where images, state and a configuration to play with are left', 'demo-output')
    .addHelpText('after', '\nExamples:\n  turingpi demo\n  turingpi demo --output ./try')
    .action(async (options: Parameters<typeof demo>[0]) =>
      done((await import('./demo.js')).demo(options, terminal)),
    );

  addBoardOption(command('virtual-board', 'Serve a simulated Turing Pi 2 for other programs'))
    .option('-c, --config <file>', 'take ports, nodes and login from this configuration')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)', parseHostArgument)
    .option('--port <port>', 'HTTPS port; 0 picks a free one (default: 0)', parsePort)
    .addOption(
      new Option('--http-port <port>', 'HTTP port; 0 picks a free one, off for none (default: 0)').argParser(
        (text) => (text === 'off' ? 'off' : parsePort(text)),
      ),
    )
    .option('--nodes <list>', 'what is in the slots, for example rk1,rk1,cm4,- (default: rk1,rk1,cm4,cm4)')
    .option('--ssh-port <port>', 'SSH of node 1 is here, the others follow (default: free ports)', parsePort)
    .option('--dir <dir>', 'keep node1.emmc … here between runs (default: a temporary directory)')
    .addOption(
      new Option('--boot <depth>', 'how real the nodes are: bytes only, a small shell, or QEMU')
        .choices(['none', 'shell', 'qemu'])
        .default('shell'),
    )
    .option('--user <name>', 'user of the board controller (default: root)')
    .option('--password <password>', 'its password (default: turing)')
    .addHelpText(
      'after',
      '\nExamples:\n  turingpi virtual-board --port 8443 --nodes rk1,rk1,cm4,- --dir ./board\n  turingpi virtual-board -c demo-output/turingpi.yaml',
    )
    .action(async (options: Parameters<typeof virtualBoard>[0]) =>
      done((await import('./virtual-board.js')).virtualBoard(options, terminal)),
    );
}
