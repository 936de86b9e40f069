import type { Argument, Command, Option } from 'commander';

/** Where on a command line the next word stands. */
export interface Place {
  readonly command: Command;
  /** What stands after the command and is no option. */
  readonly operands: readonly string[];
  /** The option whose value comes next. */
  readonly option: Option | undefined;
  /** The options that were given. */
  readonly given: ReadonlySet<Option>;
  /** After `--`: what comes is no option. */
  readonly isLiteral: boolean;
}

/** Goes through the words before the cursor as they are parsed when the command runs. */
export function placeOf(program: Command, words: readonly string[]): Place {
  let command = program;
  let option: Option | undefined;
  let isLiteral = false;
  const operands: string[] = [];
  const given = new Set<Option>();
  for (const word of words) {
    if (option !== undefined) {
      option = undefined;
    } else if (isLiteral || !/^-./.test(word)) {
      const below = operands.length === 0 && !isLiteral ? subcommand(command, word) : undefined;
      if (below === undefined) operands.push(word);
      else command = below;
    } else if (word === '--') {
      isLiteral = true;
    } else {
      const found = optionOf(command, word);
      if (found !== undefined) given.add(found);
      if (found?.required === true && takesNext(word, found)) option = found;
    }
  }
  return { command, operands, option, given, isLiteral };
}

/** The argument that the next operand is. */
export function argumentAt({ command, operands }: Place): Argument | undefined {
  const { registeredArguments } = command;
  const last = registeredArguments.at(-1);
  return registeredArguments[operands.length] ?? (last?.variadic === true ? last : undefined);
}

function subcommand(command: Command, word: string): Command | undefined {
  return command.commands.find((one) => one.name() === word);
}

/** Options of the program may stand anywhere. */
function optionOf(command: Command, word: string): Option | undefined {
  const flag = word.startsWith('--') ? word.replace(/=.*$/s, '') : word.slice(0, 2);
  for (let at: Command | null = command; at !== null; at = at.parent) {
    const found = at.options.find(({ long, short }) => long === flag || short === flag);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `--node=1` and `-n1` have their value with them. */
function takesNext(word: string, { long }: Option): boolean {
  return word.startsWith('--') ? word === long : word.length === 2;
}
