import { Command, Option } from 'commander';
import { addBoardCommands } from './commands/board/add-board-commands.js';
import { addCacheCommands } from './commands/cache/add-cache-commands.js';
import { addComparisonCommands } from './commands/add-comparison-commands.js';
import { addCompletionCommands } from './commands/completion/add-completion-commands.js';
import { addConfigurationCommands } from './commands/configuration/add-configuration-commands.js';
import { addImageCommands } from './commands/image/add-image-commands.js';
import { addNodeCommands } from './commands/node/add-node-commands.js';
import { addPluginCommands } from './commands/plugin/add-plugin-commands.js';
import { addProvisionCommands } from './commands/add-provision-commands.js';
import { addRunCommands } from './commands/run/add-run-commands.js';
import { addSimulationCommands } from './commands/add-simulation-commands.js';
import { addStateCommands } from './commands/state/add-state-commands.js';
import { addSupportCommands } from './commands/support/add-support-commands.js';
import { programVersion } from './process/program-version.js';
import type { OutputChoice } from './process/output-options.js';
import type { Terminal } from './process/terminal.js';

/**
 * Every command of `turingpi` with its arguments and options; what a command does is loaded when it runs. Help, completion
 * and the reference of the command are read from it.
 *
 * @param exit - told the exit code of the command that ran
 * @param choice - whether a command line that cannot be parsed is told as JSON, which is for whoever catches the error
 */
export function createCommandTree(
  terminal: Terminal,
  exit: (code: number) => void,
  { json }: Pick<OutputChoice, 'json'> = { json: false },
): Command {
  const program = new Command('turingpi')
    .description('From stock OS images to configured, reachable Turing Pi 2 nodes.')
    .version(programVersion(), '-V, --version')
    .addOption(
      new Option('--color <when>', 'colours: auto (in a terminal; NO_COLOR and FORCE_COLOR count)')
        .choices(['auto', 'always', 'never'])
        .default('auto'),
    )
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => {
        if (!json) terminal.stderr.write(text); // as JSON it is told when it is caught
      },
    })
    .addHelpText(
      'after',
      `
Examples:
  turingpi init                        meet a board, and write a configuration for it
  turingpi demo                        try everything on a simulated board, no hardware needed
  turingpi up                          bring every node to what turingpi.yaml says
  turingpi up -c lab.yaml --node 2     only node 2, with another configuration
  turingpi status                      what has been done so far`,
    );

  for (const add of [
    addConfigurationCommands,
    addProvisionCommands,
    addComparisonCommands,
    addSimulationCommands,
    addNodeCommands,
    addBoardCommands,
    addImageCommands,
    addRunCommands,
    addStateCommands,
    addCacheCommands,
    addPluginCommands,
    addSupportCommands,
    addCompletionCommands,
  ])
    add(program, terminal, exit);
  return program;
}
