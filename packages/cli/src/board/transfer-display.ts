import type { Progress } from '@turingpi/foundation';
import { createLogUpdate } from 'log-update';
import { remark } from '../process/remark.js';
import type { Terminal } from '../process/terminal.js';
import { describeProgress } from '../render/describe-progress.js';
import { printable } from '../render/printable.js';

/** Lines for logs and programs are at least this far apart, in milliseconds. */
const INTERVAL_MS = 2000;

/** The progress of one transfer: one live line in a terminal, lines now and then elsewhere, JSON lines when asked for. */
export class TransferDisplay implements Disposable {
  readonly #live: ReturnType<typeof createLogUpdate> | undefined;
  #shownAt = -Infinity;
  #activity = '';

  /** @param facts - what every JSON line says besides the progress */
  constructor(
    private readonly terminal: Terminal,
    private readonly json: boolean,
    private readonly facts: Readonly<Record<string, unknown>> = {},
  ) {
    const isLive = !json && terminal.stdout.isTTY === true && terminal.quiet !== true;
    if (isLive) this.#live = createLogUpdate(terminal.stdout);
  }

  show(progress: Progress): void {
    if (this.#live) {
      this.#live(printable(describeProgress(progress)));
      return;
    }
    if (this.terminal.quiet === true && progress.warning !== true) return;
    const now = performance.now();
    const change = `${progress.activity} ${progress.note ?? ''}`;
    if (change === this.#activity && now - this.#shownAt < INTERVAL_MS) return;
    this.#shownAt = now;
    this.#activity = change;
    this.terminal.stdout.write(
      this.json
        ? `${JSON.stringify({ event: 'progress', ...this.facts, ...progress })}\n`
        : `${printable(describeProgress(progress))}\n`,
    );
  }

  /** A line for people that stays; never part of the JSON. */
  note(text: string): void {
    this.#live?.clear();
    remark(this.terminal, text);
  }

  /** As {@link note}, of what somebody has to know. */
  warn(text: string): void {
    this.#live?.clear();
    remark({ ...this.terminal, quiet: false }, text);
  }

  [Symbol.dispose](): void {
    this.#live?.done();
  }
}
