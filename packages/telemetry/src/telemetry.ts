import type { LiveRunEvent, Logger, StartedPlugin } from '@turingpi/core/plugin';
import type { RunSpans } from './run-spans.js';

/** What makes spans, and what sends the last of them. */
export interface OpenedSpans {
  readonly spans: RunSpans;
  /** Resolves when they are sent, or were not within a bounded time. */
  readonly flush: () => Promise<void>;
}

/** Follows the runs of one cluster. What makes their spans is loaded with the first event: other commands need none of it. */
export class Telemetry implements StartedPlugin {
  #opened: Promise<OpenedSpans> | undefined;
  #isClosed = false;
  #hasWarned = false;

  constructor(
    private readonly open: () => Promise<OpenedSpans>,
    private readonly logger: Logger,
  ) {}

  onRunEvent(event: LiveRunEvent): void {
    if (this.#isClosed) return;
    this.#opened ??= this.open();
    this.#opened.then(({ spans }) => spans.take(event)).catch((error: unknown) => this.#warnOnce(error));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    try {
      const opened = await this.#opened;
      opened?.spans.end();
      await opened?.flush();
    } catch (error) {
      this.#warnOnce(error); // nothing fails because of its traces
    }
  }

  #warnOnce(error: unknown): void {
    if (!this.#hasWarned) this.logger.warn({ err: error }, 'no spans are made of this run');
    this.#hasWarned = true;
  }
}
