import { completionScript, type Shell } from '../../completion/completion-script.js';
import { EXIT } from '../../process/exit-codes.js';
import type { Terminal } from '../../process/terminal.js';

/** `turingpi completion SHELL`: what the shell evaluates. */
export async function completion(shell: Shell, { stdout }: Terminal): Promise<number> {
  stdout.write(await completionScript(shell));
  return EXIT.ok;
}
