import type { ClusterSummary, TuringPiEvent } from '@turingpi/core';
import type { Output } from '../process/terminal.js';
import { describeEvent } from './describe-event.js';
import { placeOf, slotOf } from './place-of.js';
import type { Palette } from './palette.js';
import { printableLines } from './printable.js';
import type { Reporter } from './reporter.js';
import type { RunEnd } from './run-end.js';
import { renderRunSummary } from './run-summary.js';

/** The least time between two progress lines of one activity, in milliseconds. */
const PROGRESS_INTERVAL_MS = 30_000;

/** Plain lines, for logs and pipes: one for each thing that happens, progress now and then. */
export class PlainReporter implements Reporter {
  readonly #lastProgress = new Map<string, { readonly activity: string; readonly at: number }>();
  readonly #lastLines = new Map<string, string>();

  constructor(
    private readonly output: Output,
    private readonly palette: Palette,
    private readonly now: () => number = Date.now,
  ) {}

  event(event: TuringPiEvent): void {
    const line = this.#line(event);
    const place = placeOf(event);
    if (line === undefined || this.#lastLines.get(place) === line) return;
    this.#lastLines.set(place, line);
    this.note(`${place}: ${line}`);
  }

  note(text: string): void {
    this.output.write(`${printableLines(text)}\n`);
  }

  aside<T>(ask: () => Promise<T>): Promise<T> {
    return ask();
  }

  summary(summary: ClusterSummary, end: RunEnd = {}): void {
    const { palette, output } = this;
    output.write(renderRunSummary(summary, end, { columns: output.columns, palette }));
  }

  [Symbol.dispose](): void {
    this.#lastProgress.clear();
    this.#lastLines.clear();
  }

  #line(event: TuringPiEvent): string | undefined {
    if (event.type === 'phase:progress' && event.progress.warning !== true) {
      const key = `${slotOf(event)} ${event.phase}`;
      const last = this.#lastProgress.get(key);
      const { activity, unit, total } = event.progress;
      // Steps come one by one, and any of them may be the one that takes long.
      const isStep = unit === 'steps' && total === undefined;
      if (!isStep && last?.activity === activity && this.now() - last.at < PROGRESS_INTERVAL_MS)
        return undefined;
      this.#lastProgress.set(key, { activity, at: this.now() });
    }
    return describeEvent(event);
  }
}
