import type { Command } from 'commander';

/** Options that say which board, or which configuration, in the order in which a command line gives them. */
const NAMING = ['config', 'board', 'host', 'port', 'httpPort', 'user'] as const;

/** A command in a text, as `` `turingpi board trust` ``. */
const COMMAND = /`turingpi ([^`\n]+)`/g;

/**
 * Lets the commands that a text proposes be about the board of the command line that failed: what was proposed is right as
 * it stands, also where no configuration names the board.
 *
 * @param running - what failed; undefined where it was no command yet
 */
export function nameBoard(text: string, program: Command, running: Command | undefined): string {
  if (running === undefined || isServer(running)) return text;
  const given = NAMING.filter((name) => running.getOptionValueSource(name) === 'cli');
  return text.replaceAll(COMMAND, (whole, words: string) => {
    const proposed = commandOf(program, words.split(' '));
    if (proposed === undefined || isServer(proposed)) return whole;
    const options = given.flatMap((name) => {
      const option = proposed.options.find((one) => one.attributeName() === name);
      const flag = option?.short ?? option?.long;
      if (option === undefined || flag === undefined || words.includes(option.long ?? flag)) return [];
      return [
        `${option.long === '--config' ? flag : (option.long ?? flag)} ${quoted(String(running.getOptionValue(name)))}`,
      ];
    });
    return `\`turingpi ${[words, ...options].join(' ')}\``;
  });
}

/** It serves at an address, rather than to call it. */
function isServer(command: Command): boolean {
  return command.name() === 'virtual-board';
}

function commandOf(program: Command, words: readonly string[]): Command | undefined {
  let found: Command | undefined;
  for (const word of words) {
    const next = (found ?? program).commands.find(
      (one) => one.name() === word || one.aliases().includes(word),
    );
    if (next === undefined) break;
    found = next;
  }
  return found;
}

/** As a shell takes it. */
function quoted(value: string): string {
  return /^[\w@%+=:,./[\]-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}
