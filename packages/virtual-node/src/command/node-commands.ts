import type { CommandTable } from '../shell/command.js';
import { APT } from './apt.js';
import { FILE_COMMANDS } from './file-commands.js';
import { ACCOUNT_COMMANDS } from './account-commands.js';
import { IDENTITY_COMMANDS } from './identity-commands.js';
import { POWER_COMMANDS } from './power-commands.js';
import { SHELL_BUILTINS } from './shell-builtins.js';
import { SUDO } from './sudo.js';
import { SYSTEMCTL } from './systemctl.js';
import { TEXT_COMMANDS } from './text-commands.js';

const SHELL = SHELL_BUILTINS['sh'];

/** Every program of a simulated node. An unknown one is `not found`, as on a system that lacks it. */
export const NODE_COMMANDS: CommandTable = {
  ...SHELL_BUILTINS,
  ...(SHELL === undefined ? {} : { bash: SHELL, dash: SHELL }),
  ...TEXT_COMMANDS,
  ...FILE_COMMANDS,
  ...ACCOUNT_COMMANDS,
  ...IDENTITY_COMMANDS,
  ...SUDO,
  ...SYSTEMCTL,
  ...APT,
  ...POWER_COMMANDS,
};
