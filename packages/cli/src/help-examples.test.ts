import { PassThrough } from 'node:stream';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createCommandTree } from './command-tree.js';

const tree = () => {
  const terminal = {
    environment: {},
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    cwd: '/',
  };
  return createCommandTree(terminal, () => undefined);
};

const nameOf = (command: Command): string =>
  command.parent === null ? '' : `${nameOf(command.parent)} ${command.name()}`.trim();

function allOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allOf)];
}

/** The lines of a help that begin with the program; what is two spaces behind one says what it does. */
function examplesOf(command: Command): string[] {
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
  const [, examples = ''] = help.split(/^Examples?:\n/m);
  return examples
    .split('\n')
    .filter((line) => /^ +turingpi /.test(line))
    .map((line) => line.trim().split(/ {2,}/)[0]!);
}

/** As a shell does with what stands in examples: quotes, and no further than to a pipe, a file or a second command. */
function wordsOf(line: string): string[] {
  const [call = ''] = line.split(/ (?:[|>]|&&) /);
  return [...call.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, one, two, bare]) => one ?? two ?? bare!);
}

/** @returns The name of the command that a line would run. @throws CommanderError when it cannot be parsed. */
async function commandOf(words: readonly string[]): Promise<string | undefined> {
  let reached: string | undefined;
  const program = tree();
  for (const command of allOf(program)) {
    command.exitOverride();
    if (command.commands.length === 0) command.action(() => void (reached = nameOf(command)));
  }
  await program.parseAsync(words, { from: 'user' });
  return reached;
}

const examples = allOf(tree()).flatMap(examplesOf);

describe('the examples of every help', () => {
  it('are there', () => expect(examples.length).toBeGreaterThan(80));

  it.each(examples)('%s', async (line) => {
    const [program, ...words] = wordsOf(line);
    expect(program).toBe('turingpi');
    const reached = await commandOf(words);
    expect(reached).toBeDefined();
  });
});
