import type { RunEvent } from '@turingpi/core/plugin';
import type { PageStream, StreamEnd, StreamMessage } from './page-content.js';
import { SourceReader } from './source-reader.js';

/** So many are told at once to somebody who comes late. */
const AT_ONCE = 500;

/** The events of a run as far as they were read: everybody who follows them begins where he wants. */
export class EventLog implements PageStream {
  readonly #events: RunEvent[] = [];
  readonly #reader: SourceReader<RunEvent>;

  constructor(events: (signal: AbortSignal) => AsyncIterable<RunEvent>) {
    this.#reader = new SourceReader(events, (event) => void this.#events.push(event));
  }

  fill(signal: AbortSignal): Promise<void> {
    return this.#reader.fill(signal);
  }

  /** Several events are one message, with the `seq` of the last one as its id. */
  async *follow(after: number, signal: AbortSignal): AsyncGenerator<StreamMessage, StreamEnd> {
    let place = this.#placeAfter(after);
    for (;;) {
      const batch = this.#events.slice(place, place + AT_ONCE);
      place += batch.length;
      if (batch.length > 0) yield { id: batch.at(-1)?.seq ?? -1, data: batch };
      else if (this.#reader.end !== undefined) return this.#reader.end;
      else await this.#reader.news(signal);
    }
  }

  #placeAfter(seq: number): number {
    const place = this.#events.findIndex((event) => event.seq > seq);
    return place === -1 ? this.#events.length : place;
  }
}
