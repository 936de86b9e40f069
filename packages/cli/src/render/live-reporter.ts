import type { ClusterSummary, TuringPiEvent } from '@turingpi/core';
import { createLogUpdate } from 'log-update';
import { formatNodeName } from '../process/node-names.js';
import type { Output } from '../process/terminal.js';
import { renderNodeLine } from './node-line.js';
import { advanceNode, type NodeView } from './node-view.js';
import type { Palette } from './palette.js';
import { PlainReporter } from './plain-reporter.js';
import type { Reporter } from './reporter.js';
import type { RunEnd } from './run-end.js';

/** Waits tell how long they last: they are drawn again though nothing happens, every so many milliseconds. */
const REDRAW_MS = 1000;

/** For a terminal: what is over scrolls up, one live line for each node stays below. */
export class LiveReporter implements Reporter {
  readonly #plain: PlainReporter;
  readonly #views = new Map<string, NodeView>();
  readonly #draw: ReturnType<typeof createLogUpdate>;
  #clock: NodeJS.Timeout | undefined;
  /** How many questions are open. */
  #asked = 0;

  constructor(
    private readonly output: Output,
    private readonly palette: Palette,
    private readonly now: () => number = Date.now,
  ) {
    this.#plain = new PlainReporter(output, palette, now);
    this.#draw = createLogUpdate(output);
  }

  event(event: TuringPiEvent): void {
    const { board, nodeId: id } = event;
    const slot = formatNodeName({ ...(board !== undefined && { board }), id });
    if (staysAbove(event)) {
      this.#draw.clear();
      this.#plain.event(event);
    }
    const view = advanceNode(this.#views.get(slot), event);
    if (view !== undefined) this.#views.set(slot, view);
    this.#clock ??= setInterval(() => this.#redraw(), REDRAW_MS).unref();
    this.#redraw();
  }

  note(text: string): void {
    this.#draw.clear();
    this.#plain.note(text);
    this.#redraw();
  }

  async aside<T>(ask: () => Promise<T>): Promise<T> {
    this.#asked += 1;
    this.#draw.clear();
    try {
      return await ask();
    } finally {
      this.#draw.done(); // what was asked and answered stays above
      this.#asked -= 1;
      this.#redraw();
    }
  }

  summary(summary: ClusterSummary, end?: RunEnd): void {
    this.#stop();
    this.#views.clear();
    this.#draw.clear();
    this.#plain.summary(summary, end);
  }

  [Symbol.dispose](): void {
    this.#stop();
    this.#draw.done();
  }

  #stop(): void {
    clearInterval(this.#clock);
    this.#clock = undefined;
  }

  #redraw(): void {
    if (this.#views.size === 0 || this.#asked > 0) return;
    const views = [...this.#views].sort(([a], [b]) => a.localeCompare(b, 'en'));
    const widths = {
      slots: Math.max(...views.map(([slot]) => slot.length)),
      names: Math.max(...views.map(([, { hostname }]) => hostname.length)),
    };
    const style = { columns: this.output.columns, palette: this.palette, now: this.now() };
    this.#draw(views.map(([slot, view]) => renderNodeLine(slot, view, widths, style)).join('\n'));
  }
}

/** Whether a line about it stays: what is over, what people must see, and why something another run left goes on. */
function staysAbove(event: TuringPiEvent): boolean {
  switch (event.type) {
    case 'phase:progress':
      return event.progress.warning === true;
    case 'phase:started':
      return event.note !== undefined;
    case 'phase:skipped':
      return event.note !== undefined;
    case 'phase:blocked':
    case 'phase:completed':
    case 'phase:failed':
      return true;
    default:
      return false;
  }
}
