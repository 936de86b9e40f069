import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { confirm } from '../../process/confirm.js';
import { EXIT } from '../../process/exit-codes.js';
import { onInterruption } from '../../process/interruption.js';
import type { Terminal } from '../../process/terminal.js';
import { UsageError } from '../../process/usage-error.js';
import { archivePassphrase, type PassphraseOptions } from './archive-passphrase.js';
import { openRecords, type StateCommandOptions } from './open-records.js';

/** `turingpi state import FILE`: puts on record what was exported. */
export async function stateImport(
  file: string,
  options: StateCommandOptions & PassphraseOptions & { readonly replace?: boolean; readonly yes?: boolean },
  terminal: Terminal,
): Promise<number> {
  using interruption = onInterruption(() => undefined);
  await using opened = await openRecords(options, terminal);
  const { records } = opened;
  const place = path.resolve(terminal.cwd, file);
  const text = await readFile(place, 'utf8').catch((cause: unknown) => {
    const { code = 'unknown reason' } = cause as NodeJS.ErrnoException;
    throw new UsageError(`${place} cannot be read (${code})`, 'Name what `turingpi state export` wrote.');
  });
  const passphrase = await archivePassphrase(options, terminal, false);
  const replace = options.replace === true;
  if (replace && !(await confirm(`Replace the records in ${records.location}?`, options, terminal)))
    return EXIT.failed;
  const { signal } = interruption;
  let aside: string | undefined;
  const onSetAside = (sealed: string) => (aside = sealed);
  const { nodes, setAside } = await records
    .import(text, passphrase, { place, replace, signal, onSetAside })
    .catch((error: unknown) => {
      if (aside !== undefined) terminal.stderr.write(`${wasOnRecord(aside)}\n`);
      throw error;
    });
  if (options.json === true) terminal.stdout.write(`${JSON.stringify({ imported: nodes, setAside })}\n`);
  else {
    terminal.stdout.write(`imported: ${nodes.length === 0 ? 'no node' : nodes.join(', ')}\n`);
    if (setAside !== undefined) terminal.stdout.write(`${wasOnRecord(setAside)}\n`);
  }
  return EXIT.ok;
}

function wasOnRecord(file: string): string {
  return `what was on record before: ${file}, with the same passphrase`;
}
