import { RuntimeError } from '../runtime-error.js';

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;

/**
 * Quotes one argument for a POSIX shell: what the shell hands on is exactly the text given.
 *
 * @throws RuntimeError `COMMAND_INVALID` for a NUL, which no program can be given.
 */
export function quoteArgument(argument: string): string {
  if (argument.includes('\0'))
    throw new RuntimeError('COMMAND_INVALID', 'An argument of the command contains a NUL character.');
  if (PLAIN.test(argument)) return argument;
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}

/**
 * A command as one line for a POSIX shell.
 *
 * @param command - A line, taken as it is, or a program and its arguments, quoted.
 * @throws RuntimeError `COMMAND_INVALID` when there is nothing to run.
 */
export function quoteCommand(command: string | readonly string[]): string {
  const line = typeof command === 'string' ? command : command.map(quoteArgument).join(' ');
  if (line.trim() === '') throw new RuntimeError('COMMAND_INVALID', 'The command is empty.');
  if (line.includes('\0')) throw new RuntimeError('COMMAND_INVALID', 'The command contains a NUL character.');
  return line;
}

/** What a command finds around it. */
export interface CommandSurroundings {
  /** Working directory; default: the home directory. */
  readonly cwd?: string;
  /** Environment variables, besides those of the login. Nobody else on the node can read them. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * A command as text for a POSIX shell, in its surroundings.
 *
 * @throws RuntimeError `COMMAND_INVALID` when there is nothing to run, and for a name that is none of a variable.
 */
export function placeCommand(
  command: string | readonly string[],
  { cwd, env = {} }: CommandSurroundings,
): string {
  const steps = cwd === undefined ? [] : [`CDPATH= cd -- ${quoteArgument(cwd)} >/dev/null || exit`];
  for (const [name, value] of Object.entries(env)) {
    if (!VARIABLE.test(name))
      throw new RuntimeError('COMMAND_INVALID', `"${name}" is no name of an environment variable.`);
    steps.push(`export ${name}=${quoteArgument(value)}`);
  }
  return [...steps, quoteCommand(command)].join('\n');
}
