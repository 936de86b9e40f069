import { createInterface } from 'node:readline/promises';
import { Interruption } from './interruption.js';
import { UsageError } from './usage-error.js';
import type { Terminal } from './terminal.js';

/** Whether there is a person at the terminal. */
export function canAsk(terminal: Terminal): boolean {
  return process.stdin.isTTY && terminal.stdout.isTTY === true;
}

/**
 * Asks before something that cannot be undone. Only `y` or `yes` is a yes.
 *
 * @param question - names everything that is concerned
 * @throws UsageError when nobody can be asked and `--yes` was not given
 */
export async function confirm(
  question: string,
  options: { readonly yes?: boolean },
  terminal: Terminal,
): Promise<boolean> {
  if (options.yes === true) return true;
  if (!canAsk(terminal))
    throw new UsageError(question, 'Nobody can be asked here: add --yes if this is what you want.');
  const prompt = createInterface({ input: process.stdin, output: terminal.stdout });
  // Without these a Ctrl-C, an end of input or a terminal that goes would leave the question open for ever.
  const ended = new Promise<string>((resolve, reject) => {
    prompt.once('SIGINT', () => reject(new Interruption('SIGINT')));
    prompt.once('close', () => resolve(''));
    prompt.on('error', () => resolve(''));
  });
  ended.catch(() => undefined);
  try {
    return /^y(es)?$/i.test((await Promise.race([prompt.question(`${question} [y/N] `), ended])).trim());
  } finally {
    prompt.close();
  }
}
