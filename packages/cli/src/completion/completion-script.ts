import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { PROGRAM_DIR } from '../process/program-dir.js';

/** The shells that there is a completion for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof SHELLS)[number];

/**
 * What a shell evaluates to complete `turingpi`. It asks the program at each press of Tab, so that what is offered is that of
 * the version, the plugins and the configuration which are there then.
 */
export function completionScript(shell: Shell): Promise<string> {
  return readFile(path.join(PROGRAM_DIR, 'templates/completion', `turingpi.${shell}`), 'utf8');
}
