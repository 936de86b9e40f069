import { type Command, CommanderError } from 'commander';
import { createCommandTree } from './command-tree.js';
import { wayToCommand } from './commands/contributed/package-of-command.js';
import { arePluginsInReach } from './commands/contributed/plugins-in-reach.js';
import { wantedOfPlugins } from './commands/contributed/wanted-of-plugins.js';
import { withColorOption } from './process/color-option.js';
import { EXIT, exitCodeOf } from './process/exit-codes.js';
import { FORMER_COMMANDS, presentWords } from './process/former-names.js';
import { type OutputChoice, outputChoice, withQuietOption } from './process/output-options.js';
import { remark } from './process/remark.js';
import type { Terminal } from './process/terminal.js';
import { UsageError } from './process/usage-error.js';
import { errorRecord, renderError } from './render/error.js';
import { nameBoard } from './render/name-board.js';
import { printableLines } from './render/printable.js';

/**
 * Runs one command line.
 *
 * @param argv - as in `process.argv`: the first two entries are skipped
 * @returns The exit code.
 */
export async function runCli(argv: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode: number = EXIT.ok;
  const exit = (code: number) => {
    exitCode = code;
  };
  const typed = argv.slice(2);
  const choice = outputChoice(typed);
  const logs: Terminal['logs'] = new Map();
  const own = { ...withQuietOption(withColorOption(terminal, argv), choice), logs };
  const program = createCommandTree(own, exit, choice);
  let remarks: readonly string[] = [];
  let running: Command | undefined;
  program.hook('preAction', (_program, command) => void (running = command));
  try {
    remarks = await addCommandsOfPlugins(program, typed, own, exit);
    const present = presentWords(typed, new Set(program.commands.map((command) => command.name())));
    if (!choice.json) for (const renamed of present.remarks) remark(own, `note: ${renamed}`);
    await program.parseAsync(present.words, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Help that lacks a command, and a command that is not there, have the same reason.
    if (error instanceof CommanderError && NOT_THERE.has(error.code))
      for (const reason of remarks) terminal.stderr.write(`note: ${printableLines(reason)}\n`);
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
    for (const log of logs.values()) log.error({ err: error }, 'the command failed');
    tell(error, choice, terminal, (text) => nameBoard(text, program, running));
    return error instanceof CommanderError ? EXIT.usage : exitCodeOf(error);
  }
}

/**
 * Of a command line that cannot be parsed its parser has told people already.
 *
 * @param here - lets the commands that a text proposes be about the same board
 */
function tell(
  error: unknown,
  { json, verbose }: OutputChoice,
  { stdout, stderr }: Terminal,
  here: (text: string) => string,
): void {
  if (json) {
    const record =
      error instanceof CommanderError
        ? errorRecord(new UsageError(error.message.replace(/^error: /, '')))
        : errorRecord(error);
    const told = JSON.stringify({ event: 'error', ...record }, (_key, value: unknown) =>
      typeof value === 'string' ? here(value) : value,
    );
    stdout.write(`${told}\n`);
  } else if (!(error instanceof CommanderError)) stderr.write(here(renderError(error, { verbose })));
}

/** The help of all commands, and a command that nobody knows. */
const NOT_THERE: ReadonlySet<string> = new Set([
  'commander.help',
  'commander.helpDisplayed',
  'commander.unknownCommand',
]);

/** Adds the commands of plugins where they may be wanted. @returns What keeps some from being there. */
async function addCommandsOfPlugins(
  program: Command,
  words: readonly string[],
  terminal: Terminal,
  exit: (code: number) => void,
): Promise<readonly string[]> {
  const builtIn = new Set([...program.commands.map((command) => command.name()), ...FORMER_COMMANDS.keys()]);
  const wanted = wantedOfPlugins(words, builtIn, terminal);
  if (wanted === undefined) return [];
  const way = wanted.name === undefined ? undefined : wayToCommand(wanted.name);
  const ways = way === undefined ? [] : [way];
  if (!arePluginsInReach(wanted.configFile, terminal.cwd)) return ways;
  const [{ findCommands }, { addContributedCommands }] = await Promise.all([
    import('./commands/contributed/find-commands.js'),
    import('./commands/contributed/add-contributed-commands.js'),
  ]);
  const found = await findCommands(wanted.configFile, terminal);
  const remarks = addContributedCommands(program, found, { wanted: wanted.name, terminal, exit });
  return [...found.remarks, ...remarks, ...ways];
}
