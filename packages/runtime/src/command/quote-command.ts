import { RuntimeError } from '../runtime-error.js';

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
