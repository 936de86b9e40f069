import { expect, it } from 'vitest';
import { type CommandSubject, commandCases, type EndedCommand } from './command-cases.js';

const command = { id: 'rack', summary: 'Show racks', examples: ['turingpi rack'] };
const ended = (exitCode: number, stdout = '', stderr = ''): EndedCommand => ({ exitCode, stdout, stderr });

/** As a command that keeps the contract answers, but for these words. */
const runOf =
  (answers: Readonly<Record<string, EndedCommand>> = {}) =>
  (words: readonly string[]): Promise<EndedCommand> => {
    const usual: Readonly<Record<string, EndedCommand>> = {
      '--help': ended(0, 'Commands:\n  rack  Show racks\n'),
      'rack --help': ended(0, 'Show racks\nExample:\n  turingpi rack'),
      'rack --no-such-option-exists': ended(2, '', "error: unknown option '--no-such-option-exists'"),
      rack: ended(0, 'A3'),
      'rack --json': ended(0, '{"rack":"A3"}\n'),
    };
    const line = words.join(' ');
    return Promise.resolve(answers[line] ?? usual[line] ?? ended(1));
  };

async function failing(subject: CommandSubject): Promise<string[]> {
  const names: string[] = [];
  for (const { name, run } of commandCases(subject)) await run().catch(() => names.push(name));
  return names;
}

it('takes a command that keeps the contract', async () => {
  expect(await failing({ command, run: runOf() })).toEqual([]);
});

it.each<[string, CommandSubject, RegExp]>([
  ['of two words', { command: { ...command, id: 'two words' }, run: runOf() }, /is one word/],
  [
    'with the example of another',
    { command: { ...command, examples: ['turingpi rackets'] }, run: runOf() },
    /is one word/,
  ],
  ['that is not listed', { command, run: runOf({ '--help': ended(0, 'rack') }) }, /list of commands/],
  [
    'whose help lacks examples',
    { command, run: runOf({ 'rack --help': ended(0, 'Show racks') }) },
    /help of its own/,
  ],
  [
    'that takes any option',
    { command, run: runOf({ 'rack --no-such-option-exists': ended(0) }) },
    /refuses an option/,
  ],
  ['that fails', { command, run: runOf({ rack: ended(1) }) }, /does its work/],
  [
    'that talks besides its JSON',
    { command, run: runOf({ 'rack --json': ended(0, 'ready\n{}') }) },
    /as JSON/,
  ],
])('catches a command %s', async (_what, subject, name) => {
  expect(await failing(subject)).toEqual(expect.arrayContaining([expect.stringMatching(name)]));
});
