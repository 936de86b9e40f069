import { Secret } from '@turingpi/foundation';
import { Interruption } from './interruption.js';
import type { Terminal } from './terminal.js';
import { UsageError } from './usage-error.js';

const ENTER = new Set(['\r', '\n', '\u0004']);
const ERASE = new Set(['\u007f', '\b']);
const CTRL_C = '\u0003';

/**
 * Asks for a secret, twice when it is a new one, and shows nothing of it.
 *
 * @throws UsageError when nobody can be asked, or the second answer is another one; the `hint` says what else to give
 */
export async function askSecret(
  question: string,
  {
    terminal,
    repeat,
    hint,
  }: { readonly terminal: Terminal; readonly repeat: boolean; readonly hint: string },
): Promise<Secret> {
  if (!process.stdin.isTTY || terminal.stderr.isTTY !== true)
    throw new UsageError(`nobody can be asked for ${question} here`, hint);
  const first = await readHidden(`${question}: `, terminal);
  if (repeat && (await readHidden('the same again: ', terminal)) !== first)
    throw new UsageError('the two answers differ', 'Nothing was changed. Try again.');
  return new Secret(first);
}

async function readHidden(prompt: string, { stderr }: Terminal): Promise<string> {
  const { stdin } = process;
  stderr.write(prompt);
  stdin.setRawMode(true);
  stdin.resume();
  let ended: () => void = () => undefined;
  try {
    return await new Promise<string>((resolve, reject) => {
      let typed = '';
      const read = (bytes: Buffer): void => {
        for (const key of bytes.toString('utf8')) {
          if (ENTER.has(key) || key === CTRL_C) {
            stdin.off('data', read);
            if (key === CTRL_C) reject(new Interruption('SIGINT'));
            else resolve(typed);
            return;
          }
          typed = ERASE.has(key) ? Array.from(typed).slice(0, -1).join('') : `${typed}${key}`;
        }
      };
      stdin.on('data', read);
      // A terminal that goes would leave the question open for ever.
      ended = () => reject(new Interruption('SIGHUP'));
      stdin.once('end', ended);
    });
  } finally {
    stdin.off('end', ended);
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write('\n');
  }
}
