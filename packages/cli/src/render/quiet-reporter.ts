import type { ClusterSummary, TuringPiEvent } from '@turingpi/core';
import type { Reporter } from './reporter.js';
import type { RunEnd } from './run-end.js';

/** Of a run its warnings and its end, as another reporter tells them. */
export class QuietReporter implements Reporter {
  constructor(private readonly reporter: Reporter) {}

  event(event: TuringPiEvent): void {
    if (event.type === 'phase:progress' && event.progress.warning === true) this.reporter.event(event);
  }

  note(): void {
    // A remark.
  }

  aside<T>(ask: () => Promise<T>): Promise<T> {
    return this.reporter.aside(ask);
  }

  summary(summary: ClusterSummary, end?: RunEnd): void {
    this.reporter.summary(summary, end);
  }

  [Symbol.dispose](): void {
    this.reporter[Symbol.dispose]();
  }
}
