import assert from 'node:assert/strict';
import type { ConformanceCase } from '../conformance-case.js';

/** What the suite for commands needs: the command, and a way to run `turingpi` with its plugin installed. */
export interface CommandSubject {
  readonly command: { readonly id: string; readonly summary: string; readonly examples: readonly string[] };
  /** Runs `turingpi` with these words to its end. */
  readonly run: (words: readonly string[]) => Promise<EndedCommand>;
  /** What stands after the command where it does its work and succeeds. Default: nothing. */
  readonly succeeding?: readonly string[];
}

export interface EndedCommand {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const USAGE = 2;

/**
 * What every command of a plugin must do.
 *
 * @remarks Use with any runner: `for (const { name, run } of commandCases(subject)) it(name, run);`
 */
export function commandCases({ command, run, succeeding = [] }: CommandSubject): ConformanceCase[] {
  const { id, summary, examples } = command;
  const as = (name: string, work: () => unknown): ConformanceCase => ({
    name,
    run: async () => {
      await work();
    },
  });
  return [
    as('is one word, says in one line what it does, and shows it by examples', () => {
      assert.match(id, /^[a-z][a-z0-9-]*$/);
      assert.match(summary, /^[^\n]+$/);
      assert.ok(examples.length > 0);
      for (const example of examples) assert.match(example, new RegExp(`^turingpi ${id}(?= |$)`));
    }),
    as('is in the list of commands', async () => {
      const { exitCode, stdout } = await run(['--help']);
      assert.equal(exitCode, 0);
      assert.match(stdout, new RegExp(`^ {2}${id}\\b`, 'm'));
    }),
    as('has a help of its own, with its examples', async () => {
      const { exitCode, stdout } = await run([id, '--help']);
      assert.equal(exitCode, 0);
      assert.ok(stdout.includes(summary));
      for (const example of examples) assert.ok(stdout.includes(example), `${example} is not in the help`);
    }),
    as('refuses an option that it does not have as a wrong command line', async () => {
      const { exitCode, stderr } = await run([id, '--no-such-option-exists']);
      assert.equal(exitCode, USAGE);
      assert.match(stderr, /--no-such-option-exists/);
    }),
    as('does its work, and says so with exit code 0', async () => {
      const { exitCode, stderr } = await run([id, ...succeeding]);
      assert.equal(exitCode, 0, stderr);
    }),
    as('says it as JSON, one object a line and nothing else, with --json', async () => {
      const { exitCode, stdout } = await run([id, ...succeeding, '--json']);
      assert.equal(exitCode, 0);
      for (const line of stdout.split('\n').filter((text) => text !== ''))
        assert.equal(typeof JSON.parse(line), 'object', line);
    }),
  ];
}
