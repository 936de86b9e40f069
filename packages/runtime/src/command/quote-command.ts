import { RuntimeError } from '../runtime-error.js';

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
// What useradd of Debian allows at the most, but for the signs of a shell.
const USER = /^[A-Za-z_][A-Za-z0-9_.-]*\$?$/;
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
  /**
   * A user of the node, as whom it runs, in their home directory: one that logs in nowhere will do. It takes root, and so
   * sudo where the login user is not root.
   */
  readonly user?: string;
}

/**
 * A command as text for a POSIX shell, in its surroundings.
 *
 * @throws RuntimeError `COMMAND_INVALID` when there is nothing to run, and for a name that is none of a variable or user.
 */
export function placeCommand(
  command: string | readonly string[],
  { cwd, env = {}, user }: CommandSurroundings,
): string {
  const steps = cwd === undefined ? [] : [`CDPATH= cd -- ${quoteArgument(cwd)} >/dev/null || exit`];
  if (user !== undefined && cwd === undefined) steps.push('cd 2>/dev/null || cd /');
  for (const [name, value] of Object.entries(env)) {
    if (!VARIABLE.test(name))
      throw new RuntimeError('COMMAND_INVALID', `"${name}" is no name of an environment variable.`);
    steps.push(`export ${name}=${quoteArgument(value)}`);
  }
  const script = [...steps, quoteCommand(command)].join('\n');
  return user === undefined ? script : asUser(user, script);
}

/**
 * A script that root's shell runs as another user.
 *
 * @remarks `su` is on every Linux, also where there is no sudo, and takes a user without a login shell. The script reaches it in
 * a variable, since everybody on the node can read arguments.
 */
function asUser(user: string, script: string): string {
  if (!USER.test(user)) throw new RuntimeError('COMMAND_INVALID', `"${user}" is no name of a user.`);
  return `tpi_u=${quoteArgument(script)}; export tpi_u; exec su -s /bin/sh -c 'eval "unset tpi_u; $tpi_u"' ${quoteArgument(user)}`;
}
