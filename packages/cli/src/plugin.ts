/** For plugins that bring commands: what a command is. Importing it loads nothing of the command line itself. */
export { COMMANDS } from './plugin/commands.js';
export type {
  CommandArgument,
  CommandContext,
  CommandOption,
  CommandOutput,
  ContributedCommand,
} from './plugin/contributed-command.js';
