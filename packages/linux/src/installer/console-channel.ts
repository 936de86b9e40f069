import type { TextChannel } from '@turingpi/runtime';

/** The serial console as a place for a dialogue: what the node prints from now on, and lines typed to it. */
export class ConsoleChannel implements TextChannel {
  readonly output: AsyncIterable<string> = {
    [Symbol.asyncIterator]: () => ({ next: () => this.#next() }),
  };
  readonly #heard: string[] = [];
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(private readonly send: (line: string) => Promise<void>) {}

  sendLine(line: string): Promise<void> {
    return this.send(line);
  }

  hear(text: string): void {
    this.#heard.push(text);
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async #next(): Promise<IteratorResult<string, undefined>> {
    for (;;) {
      const value = this.#heard.shift();
      if (value !== undefined) return { done: false, value };
      if (this.#ended) return { done: true, value: undefined };
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
