import type { ClusterSummary, TuringPiEvent } from '@turingpi/core';
import type { Output } from '../process/terminal.js';
import { errorRecord } from './error.js';
import type { Reporter } from './reporter.js';

/** One JSON object a line, for programs. The key `event` tells which; the last line is the summary. */
export class JsonReporter implements Reporter {
  constructor(private readonly output: Output) {}

  event({ type, ...facts }: TuringPiEvent): void {
    this.#write({ event: type, ...facts });
  }

  note(text: string): void {
    this.#write({ event: 'note', text });
  }

  aside<T>(ask: () => Promise<T>): Promise<T> {
    return ask();
  }

  summary(summary: ClusterSummary): void {
    this.#write({
      event: 'summary',
      runId: summary.runId,
      completed: summary.completed,
      durationMs: summary.durationMs,
      ...(summary.remarks && { remarks: summary.remarks }),
      nodes: summary.nodes.map(({ error, ...node }) => ({
        ...node,
        ...(error === undefined ? {} : { error: errorRecord(error) }),
      })),
    });
  }

  [Symbol.dispose](): void {
    // Nothing is held: every line was written at once.
  }

  #write(record: Readonly<Record<string, unknown>>): void {
    this.output.write(`${JSON.stringify(record)}\n`);
  }
}
