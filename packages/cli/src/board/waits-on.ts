import { remark } from '../process/remark.js';
import type { Terminal } from '../process/terminal.js';

/** Tells the user why a command waits, on standard error. */
export function waitsOn(terminal: Terminal): (note: string) => void {
  return (note) => remark(terminal, `waiting: ${note}`);
}
