import type { PageStream, StreamEnd, StreamMessage } from '../server/page-content.js';
import { SourceReader } from '../server/source-reader.js';
import type { FleetView } from './fleet-view.js';

/** The newest picture of a fleet: who looks late, or slowly, gets that one alone. */
export class LatestView implements PageStream {
  readonly #reader: SourceReader<FleetView>;
  #latest: StreamMessage | undefined;

  constructor(views: (signal: AbortSignal) => AsyncIterable<FleetView>) {
    this.#reader = new SourceReader(views, (data) => {
      this.#latest = { id: (this.#latest?.id ?? -1) + 1, data };
    });
  }

  fill(signal: AbortSignal): Promise<void> {
    return this.#reader.fill(signal);
  }

  async *follow(after: number, signal: AbortSignal): AsyncGenerator<StreamMessage, StreamEnd> {
    let known = after;
    for (;;) {
      const latest = this.#latest;
      if (latest !== undefined && latest.id > known) {
        known = latest.id;
        yield latest;
      } else if (this.#reader.end !== undefined) return this.#reader.end;
      else await this.#reader.news(signal);
    }
  }
}
