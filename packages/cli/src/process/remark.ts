import { printableLines } from '../render/printable.js';
import type { Terminal } from './terminal.js';

/** Says on standard error, to people who want to know, what happens meanwhile: nothing that they have to know. */
export function remark(terminal: Terminal, text: string): void {
  if (terminal.quiet !== true) terminal.stderr.write(`${printableLines(text)}\n`);
}
