import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EXIT } from '../../process/exit-codes.js';
import type { Terminal } from '../../process/terminal.js';
import { UsageError } from '../../process/usage-error.js';
import { archivePassphrase, type PassphraseOptions } from './archive-passphrase.js';
import { openRecordsOfBoards, type StateCommandOptions } from './open-records.js';

/** `turingpi state export FILE`: everything on record of all boards in one file, encrypted. */
export async function stateExport(
  file: string,
  options: StateCommandOptions & PassphraseOptions & { readonly overwrite?: boolean },
  terminal: Terminal,
): Promise<number> {
  await using opened = await openRecordsOfBoards(options, terminal);
  const target = path.resolve(terminal.cwd, file);
  const passphrase = await archivePassphrase(options, terminal, true);
  const sealed = await opened.boards.exportRecords(passphrase);
  try {
    await writeFile(target, sealed, { mode: 0o600, flag: options.overwrite === true ? 'w' : 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new UsageError(`${target} is there already`, 'Name another file, or add --overwrite.');
  }
  if (options.json === true) terminal.stdout.write(`${JSON.stringify({ exported: target })}\n`);
  else
    terminal.stdout.write(
      `exported to ${target}; without the passphrase nobody can open it, and nobody can find it out\n`,
    );
  return EXIT.ok;
}
