import type { Command } from 'commander';
import { completeWords } from '../../completion/complete-words.js';
import { valuesInReach } from '../../completion/values-in-reach.js';
import { EXIT } from '../../process/exit-codes.js';
import type { Terminal } from '../../process/terminal.js';
import { printable } from '../../render/printable.js';
import { namedConfig } from '../contributed/wanted-of-plugins.js';

/** `turingpi complete -- WORDS`, which the scripts of `turingpi completion` ask: what could stand at the cursor. */
export async function complete(
  program: Command,
  words: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const { candidates, paths } = await completeWords(
    program,
    words,
    valuesInReach(terminal, namedConfig(words)),
  );
  const lines = candidates
    .filter(({ value }) => !/\s/.test(value)) // would be several words, or several lines
    .map(({ value, about = '' }) => `${printable(value)}\t${printable(about)}`);
  terminal.stdout.write([paths ?? 'nothing', ...lines, ''].join('\n'));
  return EXIT.ok;
}
