import { readFileSync } from 'node:fs';
import path from 'node:path';
import { configFileIn } from '../../cluster/config-file-in.js';
import type { Terminal } from '../../process/terminal.js';

/** The command that shells ask for what could stand at the cursor; what is typed stands after `--`. */
export const COMPLETE = 'complete';

/** What a command line asks for, as far as plugins may have to do with it. */
export interface WantedCommand {
  /** The command's name; undefined for the help of all. */
  readonly name: string | undefined;
  /** The configuration file that is named, as it is written. */
  readonly configFile: string | undefined;
}

/**
 * Finds out whether plugins have to be looked for before a command line is understood: for the help and for
 * completion, for a command that is not built in, and for one that the configuration may replace.
 *
 * @param words - of the command line, without node and script
 * @returns What is wanted; undefined when no plugin has to do with it.
 */
export function wantedOfPlugins(
  words: readonly string[],
  builtIn: ReadonlySet<string>,
  terminal: Terminal,
): WantedCommand | undefined {
  const [first, second] = words;
  const name = first === 'help' ? second : first;
  if (name === COMPLETE)
    return { name: undefined, configFile: namedConfig(words.slice(words.indexOf('--') + 1)) };
  const configFile = namedConfig(words);
  if (name === undefined || ['-h', '--help'].includes(name)) return { name: undefined, configFile };
  if (name.startsWith('-')) return undefined; // the version, or a mistake
  if (builtIn.has(name) && !mayReplaceCommands(configFile, terminal.cwd)) return undefined;
  return { name, configFile };
}

/** Whether a file may say `replace: { commands: … }`, by its text: reading it as YAML would cost every command time. */
function mayReplaceCommands(configFile: string | undefined, cwd: string): boolean {
  if (configFile?.startsWith('~') === true) return true; // in the user's home: whoever reads it knows where that is
  const file = configFile === undefined ? configFileIn(cwd) : path.resolve(cwd, configFile);
  if (file === undefined) return false;
  try {
    const text = readFileSync(file, 'utf8');
    return /\breplace\b/.test(text) && /\bcommands\b/.test(text);
  } catch {
    return false; // whoever needs the file tells what is wrong with it
  }
}

/** The configuration file that a command line names, as it is written. */
export function namedConfig(words: readonly string[]): string | undefined {
  for (const [index, word] of words.entries()) {
    if (word === '--') break;
    const named =
      word === '-c' || word === '--config'
        ? words[index + 1]
        : /^(?:--config=|-c(?=[^-]))(?<file>.+)$/.exec(word)?.groups?.['file'];
    if (named !== undefined) return named;
  }
  return undefined;
}
