import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { PluginError } from '@turingpi/core';
import { COMMANDS } from '../../plugin/commands.js';
import type { CommandOption, ContributedCommand } from '../../plugin/contributed-command.js';
import { addBoardOption } from '../../process/board-option.js';
import { addConfigOption } from '../../process/config-option.js';
import { FORMER_COMMANDS } from '../../process/former-names.js';
import { addOutputOptions } from '../../process/output-options.js';
import type { Terminal } from '../../process/terminal.js';
import type { FoundCommands } from './find-commands.js';

const HEADING = 'Commands of plugins:';

/**
 * Adds the commands of plugins to those of the program. A built-in one of the same name stays, unless the configuration
 * says otherwise.
 *
 * @param wanted - the command that is about to run, if it is known
 * @returns Why some are not there, one sentence each.
 * @throws PluginError `PLUGIN_NOT_FOUND` when a plugin should stand in for the wanted command, and does not bring it.
 */
export function addContributedCommands(
  program: Command,
  { commands, replace }: FoundCommands,
  {
    wanted,
    terminal,
    exit,
  }: { wanted: string | undefined; terminal: Terminal; exit: (code: number) => void },
): string[] {
  const remarks: string[] = [];
  for (const { plugin, command } of commands) {
    const builtIn = program.commands.find((one) => one.name() === command.id);
    const isTaken = builtIn !== undefined || FORMER_COMMANDS.has(command.id);
    if (command.id === 'help' || (isTaken && replace[command.id] !== plugin)) {
      const way = `\`replace: { ${COMMANDS.key}: { ${command.id}: "${plugin}" } }\` takes the plugin's`;
      remarks.push(`${plugin}: turingpi has a command ${command.id} of its own; ${way}`);
      continue;
    }
    try {
      const made = commandOf(command, terminal, exit).copyInheritedSettings(program);
      if (builtIn !== undefined) (program.commands as Command[]).splice(program.commands.indexOf(builtIn), 1);
      program.addCommand(made);
    } catch (cause) {
      remarks.push(`${plugin}: the command ${command.id} cannot be used: ${(cause as Error).message}`);
    }
  }
  const stand = wanted !== undefined && Object.hasOwn(replace, wanted) ? replace[wanted] : undefined;
  if (stand !== undefined && !commands.some((one) => one.plugin === stand && one.command.id === wanted))
    throw new PluginError(
      'PLUGIN_NOT_FOUND',
      `${stand} brings no command ${wanted}, which it should replace`,
      {
        hint: [`See \`replace: { ${COMMANDS.key}: … }\` in the configuration.`, ...remarks].join(' '),
      },
    );
  return remarks;
}

function commandOf(command: ContributedCommand, terminal: Terminal, exit: (code: number) => void): Command {
  const made = new Command(command.id).description(command.summary).helpGroup(HEADING);
  addConfigOption(addOutputOptions(addBoardOption(made)));
  for (const { usage, summary } of command.arguments ?? []) made.addArgument(new Argument(usage, summary));
  for (const option of command.options ?? []) made.addOption(optionOf(option));
  const examples = command.examples.map((line) => `  ${line}`).join('\n');
  made.addHelpText('after', `\nExample${command.examples.length === 1 ? '' : 's'}:\n${examples}`);
  return made.action(async () => {
    const { runContributed } = await import('./run-contributed.js');
    exit(await runContributed(command, { args: made.args, options: made.opts() }, terminal));
  });
}

function optionOf({ flags, summary, default: preset, parse }: CommandOption): Option {
  const option = new Option(flags, summary);
  if (preset !== undefined) option.default(preset);
  if (parse === undefined) return option;
  return option.argParser((text) => {
    try {
      return parse(text);
    } catch (cause) {
      throw new InvalidArgumentError((cause as Error).message);
    }
  });
}
