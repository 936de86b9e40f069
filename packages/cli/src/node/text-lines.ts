/** A line that long is shown in parts: what never ends one must not fill the memory. */
const LONGEST_LINE = 64 * 1024;

/** Makes lines of text that comes in pieces; a carriage return ends one as well. */
export class TextLines {
  #rest = '';

  /** @param onLine - gets each line without its end */
  constructor(private readonly onLine: (line: string) => void) {}

  push(text: string): void {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?=[^\n])/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.onLine(line);
    while (this.#rest.length > LONGEST_LINE) {
      this.onLine(this.#rest.slice(0, LONGEST_LINE));
      this.#rest = this.#rest.slice(LONGEST_LINE);
    }
  }

  /** The last line, where nothing ended it. */
  end(): void {
    if (this.#rest !== '') this.onLine(this.#rest.replace(/\r$/, ''));
    this.#rest = '';
  }
}
