import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { nameBoard } from './name-board.js';

/** A program whose commands know which board is meant, and the one that a command line runs. */
async function ran(...words: string[]) {
  const program = new Command('turingpi');
  let running: Command | undefined;
  program.hook('preAction', (_program, command) => void (running = command));
  const add = (parent: Command, name: string) =>
    parent
      .command(name)
      .option('-c, --config <file>')
      .option('--host <address>')
      .option('--port <port>')
      .action(() => undefined);
  for (const name of ['trust', 'info', 'virtual-board']) add(program, name);
  add(program.command('board'), 'password');
  program.command('explain').action(() => undefined);
  await program.parseAsync(['node', 'turingpi', ...words]);
  return (text: string) => nameBoard(text, program, running);
}

describe('nameBoard', () => {
  it('lets what is proposed be about the same board', async () => {
    const text = await ran('info', '--host', '10.0.0.9', '--port', '8443');
    expect(text('Compare it, then confirm it with `turingpi trust`.')).toBe(
      'Compare it, then confirm it with `turingpi trust --host 10.0.0.9 --port 8443`.',
    );
    expect(text('`turingpi board password` does it')).toBe(
      '`turingpi board password --host 10.0.0.9 --port 8443` does it',
    );
    expect((await ran('info', '-c', "my lab's.yaml"))('`turingpi trust`')).toBe(
      "`turingpi trust -c 'my lab'\\''s.yaml'`",
    );
  });

  it('adds nothing where nothing was named, it is said already, or the command takes no board', async () => {
    expect((await ran('info'))('`turingpi trust`')).toBe('`turingpi trust`');
    const text = await ran('info', '--host', '10.0.0.9');
    for (const same of [
      '`turingpi trust --host x`',
      '`turingpi explain`',
      '`turingpi unknown`',
      'turingpi trust',
    ])
      expect(text(same)).toBe(same);
    expect((await ran('virtual-board', '--host', '10.0.0.9'))('`turingpi trust`')).toBe('`turingpi trust`');
  });
});
