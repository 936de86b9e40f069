import { EventEmitter, once } from 'node:events';
import type { RunEvent } from '@turingpi/core/plugin';
import type { PageStream, StreamEnd, StreamMessage } from './page-content.js';

/** So many are told at once to somebody who comes late. */
const AT_ONCE = 500;

/** The events of a run as far as they were read: everybody who follows them begins where he wants. */
export class EventLog implements PageStream {
  readonly #events: RunEvent[] = [];
  readonly #news = new EventEmitter().setMaxListeners(0);
  #end: StreamEnd | undefined;

  constructor(private readonly events: (signal: AbortSignal) => AsyncIterable<RunEvent>) {}

  async fill(signal: AbortSignal): Promise<void> {
    try {
      for await (const event of this.events(signal)) {
        this.#events.push(event);
        this.#news.emit('news');
      }
      this.#end = {};
    } catch (error) {
      this.#end = { failure: error instanceof Error ? error.message : String(error) };
    }
    this.#news.emit('news');
  }

  /** Several events are one message, with the `seq` of the last one as its id. */
  async *follow(after: number, signal: AbortSignal): AsyncGenerator<StreamMessage, StreamEnd> {
    let place = this.#placeAfter(after);
    for (;;) {
      const batch = this.#events.slice(place, place + AT_ONCE);
      place += batch.length;
      if (batch.length > 0) yield { id: batch.at(-1)?.seq ?? -1, data: batch };
      else if (this.#end !== undefined) return this.#end;
      else await once(this.#news, 'news', { signal });
    }
  }

  #placeAfter(seq: number): number {
    const place = this.#events.findIndex((event) => event.seq > seq);
    return place === -1 ? this.#events.length : place;
  }
}
