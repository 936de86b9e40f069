import { createLogUpdate } from 'log-update';
import { remark } from '../process/remark.js';
import type { Terminal } from '../process/terminal.js';
import { formatDuration } from '../render/format.js';
import { printable } from '../render/printable.js';

/** What takes less is not worth a word; a line in a terminal is drawn anew as often. Milliseconds. */
const INTERVAL_MS = 1000;

/**
 * Says on standard error which nodes have not answered yet, and for how long they have been asked: in a terminal as one line
 * that is drawn anew, elsewhere with a line when it has taken a moment and for each answer from then on.
 */
export class AskedNodes implements Disposable {
  readonly #begun = performance.now();
  readonly #waiting: Set<string>;
  readonly #live: ReturnType<typeof createLogUpdate> | undefined;
  readonly #timer: NodeJS.Timeout;
  #isTold = false;

  /** @param places - the nodes as people call them */
  constructor(
    private readonly terminal: Terminal,
    places: readonly string[],
  ) {
    this.#waiting = new Set(places);
    const isLive = terminal.stderr.isTTY === true && terminal.quiet !== true;
    if (isLive) this.#live = createLogUpdate(terminal.stderr);
    this.#timer = setInterval(() => this.#tick(), INTERVAL_MS);
  }

  /** One of them is not waited for any more. */
  answered(place: string): void {
    this.#waiting.delete(place);
    if (this.#isTold && this.#live === undefined && this.#waiting.size > 0)
      remark(this.terminal, `${place} is done; ${this.#text}`);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#live?.clear();
    this.#live?.done();
  }

  #tick(): void {
    if (this.#live !== undefined) this.#live(printable(this.#text));
    else if (!this.#isTold) remark(this.terminal, this.#text);
    this.#isTold = true;
  }

  get #text(): string {
    return `asking ${[...this.#waiting].join(', ')} (${formatDuration(performance.now() - this.#begun)})`;
  }
}
