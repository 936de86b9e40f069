const KEPT_LINES = 400;
// Terminal control: CSI and OSC sequences, single escapes, and what a boot log has no use for. Built from text, because
// the characters themselves would be invisible here.
const CONTROL = new RegExp(
  [
    '\\x1b\\[[0-?]*[ -/]*[@-~]',
    '\\x1b\\][^\\x07\\x1b]*(?:\\x07|\\x1b\\\\)',
    '\\x1b[@-Z\\\\-_]',
    '[\\x00-\\x08\\x0b-\\x1f\\x7f]',
  ].join('|'),
  'g',
);

/** The end of a node's serial console as lines of plain text. */
export class ConsoleLog {
  #lines: string[] = [];
  #rest = '';

  /** Adds text as it arrives; @returns the lines that it completed. */
  append(text: string): readonly string[] {
    const parts = (this.#rest + text).split(/\r\n|\n|\r/);
    this.#rest = (parts.pop() ?? '').slice(-4096); // a line without an end must not grow for ever
    const lines = parts.map((line) => line.replace(CONTROL, '').trimEnd()).filter((line) => line !== '');
    this.#lines = [...this.#lines, ...lines].slice(-KEPT_LINES);
    return lines;
  }

  /** The finished lines. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** The last lines, the unfinished one (a prompt) included. */
  tail(count = KEPT_LINES): readonly string[] {
    const rest = this.#rest.replace(CONTROL, '').trimEnd();
    return [...this.#lines, ...(rest === '' ? [] : [rest])].slice(-count);
  }
}
