import type { ClusterSummary, TuringPiEvent } from '@turingpi/core';
import type { Output } from '../process/terminal.js';
import { describeEvent } from './describe-event.js';
import { placeOf, slotOf } from './place-of.js';
import { errorRecord } from './error.js';
import { printableLines } from './printable.js';
import type { Reporter } from './reporter.js';
import { renderSummaryTable } from './summary-table.js';

/** The least time between two progress lines of one phase, in milliseconds. */
const PROGRESS_INTERVAL_MS = 5000;

/** Plain lines, for logs and pipes: one for each thing that happens, progress now and then. */
export class PlainReporter implements Reporter {
  readonly #lastProgress = new Map<string, { readonly activity: string; readonly at: number }>();

  constructor(
    private readonly output: Output,
    private readonly now: () => number = Date.now,
  ) {}

  event(event: TuringPiEvent): void {
    const line = this.#line(event);
    if (line !== undefined) this.note(`${placeOf(event)}: ${line}`);
  }

  note(text: string): void {
    this.output.write(`${printableLines(text)}\n`);
  }

  summary(summary: ClusterSummary): void {
    this.output.write(renderSummaryTable(summary));
    for (const node of summary.nodes) {
      if (node.outcome === 'completed' || node.outcome === 'aborted') continue;
      const { code, message, hint } = errorRecord(node.error);
      const outcome = code === 'NEEDS_REINSTALL' ? 'needs reinstall' : node.outcome;
      this.note(`${slotOf(node)} ${outcome}: ${code}: ${message}`);
      if (hint !== undefined) this.note(`  ${hint}`);
    }
  }

  [Symbol.dispose](): void {
    this.#lastProgress.clear();
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
