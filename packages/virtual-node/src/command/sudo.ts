import type { ImageFiles } from '@turingpi/image';
import type { CommandTable } from '../shell/command.js';
import type { Identity } from '../system/identity.js';
import type { NodeSystem } from '../system/node-system.js';

/** What the sudoers files say about somebody. */
export type SudoRight = 'none' | 'with-password' | 'without-password';

const ATTEMPTS = 3;

/**
 * What sudo lets a user do, by the rules that installers write: `name ALL=(ALL) NOPASSWD: ALL`, `%group ...`.
 *
 * @remarks Aliases and rules for single commands are not read. As in sudo, the last rule that fits wins, and files
 * in sudoers.d with a dot or a `~` at the end of their names are passed over.
 */
export async function sudoRight(
  root: ImageFiles,
  user: Identity,
  groupNames: readonly string[],
): Promise<SudoRight> {
  if (user.uid === 0) return 'without-password';
  const directory = '/etc/sudoers.d';
  const names = (await root.exists(directory))
    ? (await root.list(directory)).map((entry) => entry.name).sort()
    : [];
  const files = [
    '/etc/sudoers',
    ...names
      .filter((name) => !name.includes('.') && !name.endsWith('~'))
      .map((name) => `${directory}/${name}`),
  ];
  let right: SudoRight = 'none';
  for (const file of files) {
    const text = (await root.exists(file)) ? ((await root.readText(file)) ?? '') : '';
    for (const line of text.replaceAll('\\\n', ' ').split('\n')) {
      const [, who, tags] =
        /^\s*(%?[^\s#@]+)\s+\S+\s*=\s*(?:\([^)]*\))?\s*((?:[A-Z]+:\s*)*)ALL\s*$/.exec(line) ?? [];
      if (who === undefined || tags === undefined) continue;
      const fits =
        who === user.name || who === 'ALL' || (who.startsWith('%') && groupNames.includes(who.slice(1)));
      if (fits) right = tags.includes('NOPASSWD:') ? 'without-password' : 'with-password';
    }
  }
  return right;
}

/** sudo: `-n`, `-S`, `-p`, `-k`, `-u`; everything else that changes nothing here is accepted. */
export const SUDO: CommandTable = {
  sudo: async ({ args, io, shell, system }) => {
    const { flags, values, command } = readArguments(args);
    const user = shell.identity;
    const right = await rightOf(system, user);
    const account = await system.accounts.find(user.name);
    if (right !== 'without-password') {
      if (flags.has('n')) {
        io.err('sudo: a password is required\n');
        return 1;
      }
      if (!flags.has('S')) {
        io.err(
          'sudo: a terminal is required to read the password; either use the -S option to read from standard input or configure an askpass helper\n',
        );
        return 1;
      }
      let entered = false;
      for (let attempt = 0; attempt < ATTEMPTS && !entered; attempt += 1) {
        if (attempt > 0) io.err('Sorry, try again.\n');
        io.err(values.get('p') ?? `[sudo] password for ${user.name}: `);
        const password = await io.input.readLine();
        if (password === undefined) {
          io.err('\nsudo: no password was provided\n');
          return 1;
        }
        entered = account !== undefined && system.accounts.passwordFits(account, password);
      }
      if (!entered) {
        io.err(`sudo: ${ATTEMPTS} incorrect password attempts\n`);
        return 1;
      }
    }
    if (right === 'none') {
      io.err(`${user.name} is not in the sudoers file.\n`);
      return 1;
    }
    if (command.length === 0) return 0;
    const target = await system.accounts.find(values.get('u') ?? 'root');
    if (target === undefined) {
      io.err(`sudo: unknown user ${values.get('u') ?? 'root'}\n`);
      return 1;
    }
    const child = shell.fork(target);
    child.variables.set('SUDO_USER', user.name);
    const rest = [...command];
    for (let word = rest[0]; word !== undefined && /^[A-Za-z_]\w*=/.test(word); word = rest[0]) {
      child.variables.set(word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1));
      rest.shift();
    }
    return child.runProgram(rest, io);
  },
};

async function rightOf(system: NodeSystem, user: Identity): Promise<SudoRight> {
  const groups = await Promise.all([...user.gids].map((gid) => system.accounts.groupName(gid)));
  return system.privileged((root) => sudoRight(root, user, groups));
}

function readArguments(args: readonly string[]): {
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
  readonly command: readonly string[];
} {
  const flags = new Set<string>();
  const values = new Map<string, string>();
  let at = 0;
  for (; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    if (arg === '--') {
      at += 1;
      break;
    }
    if (!arg.startsWith('-')) break;
    for (let letter = 1; letter < arg.length; letter += 1) {
      const name = arg.charAt(letter);
      if (!'puggC'.includes(name)) flags.add(name);
      else {
        values.set(name, letter + 1 < arg.length ? arg.slice(letter + 1) : (args[(at += 1)] ?? ''));
        break;
      }
    }
  }
  return { flags, values, command: args.slice(at) };
}
