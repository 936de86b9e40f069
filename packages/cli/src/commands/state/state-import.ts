import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { confirm } from '../../process/confirm.js';
import { EXIT } from '../../process/exit-codes.js';
import { onInterruption } from '../../process/interruption.js';
import type { Terminal } from '../../process/terminal.js';
import { UsageError } from '../../process/usage-error.js';
import { archivePassphrase, type PassphraseOptions } from './archive-passphrase.js';
import { openRecordsOfBoards, type StateCommandOptions } from './open-records.js';

/** `turingpi state import FILE`: puts on record what was exported, for each board that the file has. */
export async function stateImport(
  file: string,
  options: StateCommandOptions & PassphraseOptions & { readonly replace?: boolean; readonly yes?: boolean },
  terminal: Terminal,
): Promise<number> {
  using interruption = onInterruption(() => undefined);
  await using opened = await openRecordsOfBoards(options, terminal);
  const place = path.resolve(terminal.cwd, file);
  const text = await readFile(place, 'utf8').catch((cause: unknown) => {
    const { code = 'unknown reason' } = cause as NodeJS.ErrnoException;
    throw new UsageError(`${place} cannot be read (${code})`, 'Name what `turingpi state export` wrote.');
  });
  const passphrase = await archivePassphrase(options, terminal, false);
  const replace = options.replace === true;
  const locations = opened.each.map(({ records }) => records.location).join(', ');
  if (replace && !(await confirm(`Replace the records in ${locations}?`, options, terminal)))
    return EXIT.failed;
  const { signal } = interruption;
  const aside: string[] = [];
  const onSetAside = (sealed: string) => void aside.push(sealed);
  const { board } = options;
  const imported = await opened.boards
    .importRecords(text, passphrase, { place, replace, signal, onSetAside, board })
    .catch((error: unknown) => {
      for (const sealed of aside) terminal.stderr.write(`${wasOnRecord(sealed)}\n`);
      throw error;
    });
  const boards = [...imported].map(([name, { nodes, setAside }]) => ({
    ...(name === undefined ? {} : { name }),
    imported: nodes,
    setAside,
  }));
  if (options.json === true)
    terminal.stdout.write(`${JSON.stringify(opened.isOne ? boards[0] : { boards })}\n`);
  else
    for (const { name, imported: nodes, setAside } of boards) {
      const found = nodes.length === 0 ? 'no node' : nodes.join(', ');
      terminal.stdout.write(`imported: ${name === undefined ? '' : `${name}: `}${found}\n`);
      if (setAside !== undefined) terminal.stdout.write(`${wasOnRecord(setAside)}\n`);
    }
  return EXIT.ok;
}

function wasOnRecord(file: string): string {
  return `what was on record before: ${file}, with the same passphrase`;
}
