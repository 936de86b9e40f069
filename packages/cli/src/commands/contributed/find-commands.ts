import path from 'node:path';
import { discoverObjects, expandHome } from '@turingpi/core';
import { readConfigFile } from '@turingpi/core/plugin';
import { TuringPiError } from '@turingpi/foundation';
import { configFileIn } from '../../cluster/config-file-in.js';
import { COMMANDS } from '../../plugin/commands.js';
import type { ContributedCommand } from '../../plugin/contributed-command.js';
import type { Terminal } from '../../process/terminal.js';

/** The commands of plugins. */
export interface FoundCommands {
  readonly commands: readonly FoundCommand[];
  /** Which plugin's command stands in place of which built-in one, as the configuration says. */
  readonly replace: Readonly<Record<string, string>>;
  /** What keeps commands from being found, one sentence each. */
  readonly remarks: readonly string[];
}

export interface FoundCommand {
  readonly plugin: string;
  readonly command: ContributedCommand;
}

/**
 * Looks for the commands of the plugins that a configuration names or that are installed beside it. Neither has to be
 * right: what is wrong is a remark.
 *
 * @param configFile - as it is named on the command line; default: the one in the working directory, if there is one
 */
export async function findCommands(
  configFile: string | undefined,
  terminal: Terminal,
): Promise<FoundCommands> {
  const remarks: string[] = [];
  const remark = (error: unknown) => {
    if (!TuringPiError.is(error)) throw error;
    remarks.push(`${error.code}: ${error.message}`);
  };
  const file =
    configFile === undefined
      ? configFileIn(terminal.cwd)
      : path.resolve(terminal.cwd, expandHome(configFile));
  const input = file === undefined ? undefined : (await readConfigFile(file).catch(remark))?.input;
  const baseDir = file === undefined ? terminal.cwd : path.dirname(file);
  const found = await discoverObjects(COMMANDS, { input, baseDir, programDir: undefined }).catch(remark);
  if (found === undefined) return { commands: [], replace: {}, remarks };
  for (const { plugin, error } of found.unusable)
    remarks.push(`${plugin}: ${error.code}: ${error.message}: ${error.hint}`);
  return {
    commands: found.extensions.map(({ plugin, extension }) => ({ plugin, command: extension })),
    replace: found.replace[COMMANDS.key] ?? {},
    remarks,
  };
}
