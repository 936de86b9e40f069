import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { runCli } from './cli.js';

async function helpOf(command: readonly string[]): Promise<string> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const argv = ['node', 'turingpi', ...command, '--help'];
  expect(await runCli(argv, { environment: {}, stdout, stderr, cwd: '/' })).toBe(0);
  stdout.end();
  return text(stdout);
}

/** Every command that does something itself, found as a user finds them: in the help. */
async function leavesOf(command: readonly string[]): Promise<(readonly string[])[]> {
  const [, listed] = (await helpOf(command)).split('\nCommands:\n');
  const names = [...(listed ?? '').matchAll(/^ {2}([a-z-]+)/gm)].map(([, name]) => name ?? '');
  const found = await Promise.all(
    names.filter((name) => !['help', 'turingpi'].includes(name)).map((name) => leavesOf([...command, name])),
  );
  return listed === undefined ? [command] : found.flat();
}

const leaves = await leavesOf([]);

describe('the help', () => {
  it('leads to every command', () => {
    expect(leaves.map((leaf) => leaf.join(' '))).toEqual(
      expect.arrayContaining([
        'up',
        'node flash',
        'board firmware',
        'cache prune',
        'image customize',
        'virtual-board',
      ]),
    );
  });

  it.each(leaves.map((leaf) => leaf.join(' ')))('of `%s` has an example', async (leaf) => {
    const help = await helpOf(leaf.split(' '));
    expect(help).toMatch(new RegExp(`Examples?:\\n( {2}.*\\n)*? {2}turingpi ${leaf}`));
  });
});
