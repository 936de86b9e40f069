import { PassThrough } from 'node:stream';
import xterm from '@xterm/headless';
import type { Output } from '../process/terminal.js';

/** A terminal of a given size, for what its user sees. */
export class TerminalScreen {
  readonly output: Output;
  readonly #terminal;

  constructor(
    readonly columns: number,
    rows = 24,
  ) {
    this.#terminal = new xterm.Terminal({ cols: columns, rows, convertEol: true, allowProposedApi: true });
    this.output = Object.assign(new PassThrough(), { isTTY: true as const, columns, rows });
    this.output.on('data', (bytes: Buffer) => this.#terminal.write(bytes));
  }

  /** The lines on it, from the top, without those below the last one that is not empty. */
  async lines(): Promise<string[]> {
    await new Promise<void>((resolve) => this.#terminal.write('', resolve));
    const { active } = this.#terminal.buffer;
    const lines = Array.from(
      { length: active.length },
      (_, row) => active.getLine(row)?.translateToString(true) ?? '',
    );
    return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1);
  }
}
