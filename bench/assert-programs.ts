import { access, constants } from 'node:fs/promises';
import path from 'node:path';

/** A program that a benchmark starts is not on this computer. */
export class MissingPrograms extends Error {}

/**
 * Makes sure that programs are there before anything is measured.
 *
 * @param install - how to get those that no distribution brings
 * @throws MissingPrograms naming all that are not, and what they are for.
 */
export async function assertPrograms(
  programs: readonly string[],
  purpose: string,
  install?: string,
): Promise<void> {
  const missing: string[] = [];
  for (const program of programs) if (!(await isThere(program))) missing.push(program);
  if (missing.length === 0) return;
  const plural = missing.length === 1 ? 'the program' : 'the programs';
  throw new MissingPrograms(
    `${purpose} needs ${plural} ${missing.join(', ')}: not installed${install === undefined ? '' : ` (${install})`}`,
  );
}

async function isThere(program: string): Promise<boolean> {
  for (const directory of (process.env['PATH'] ?? '').split(path.delimiter)) {
    const found = await access(path.join(directory, program), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return true;
  }
  return false;
}
