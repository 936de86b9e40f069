import type { Command, CommandOptions } from 'commander';
import { addOutputOptions } from './output-options.js';

/**
 * Adds the option that says which configuration is meant.
 *
 * @param description - what it is good for, where it is not the one whose nodes the command is about
 */
export function addConfigOption(
  command: Command,
  description = 'configuration file (default: turingpi.yaml here)',
): Command {
  return command.option('-c, --config <file>', description);
}

/** A command beneath another one that is about what a configuration says, with the options that every command has. */
export function addConfiguredCommand(
  parent: Command,
  usage: string,
  description: string,
  how: CommandOptions = {},
): Command {
  return addConfigOption(addOutputOptions(parent.command(usage, how).description(description)));
}
