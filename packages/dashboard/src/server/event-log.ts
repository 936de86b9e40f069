import { EventEmitter, once } from 'node:events';
import type { RunEvent } from '@turingpi/core/plugin';

/** So many are told at once to somebody who comes late. */
const AT_ONCE = 500;

/** That there are no further events, and why they could not be read to their end, where they could not. */
export interface EventLogEnd {
  readonly failure?: string;
}

/** The events of a run as far as they were read: everybody who follows them begins where he wants. */
export class EventLog {
  readonly #events: RunEvent[] = [];
  readonly #news = new EventEmitter().setMaxListeners(0);
  #end: EventLogEnd | undefined;

  /** Reads all that comes; that it fails is told to those who follow. */
  async fill(events: AsyncIterable<RunEvent>): Promise<void> {
    try {
      for await (const event of events) {
        this.#events.push(event);
        this.#news.emit('news');
      }
      this.#end = {};
    } catch (error) {
      this.#end = { failure: error instanceof Error ? error.message : String(error) };
    }
    this.#news.emit('news');
  }

  /**
   * Those after `seq`, several at a time, until there are no further ones.
   *
   * @param seq - of the last that is known already; -1 for all
   * @param signal - ends the waiting for more, with its reason
   */
  async *follow(seq: number, signal: AbortSignal): AsyncGenerator<readonly RunEvent[], EventLogEnd> {
    let place = this.#placeAfter(seq);
    for (;;) {
      const batch = this.#events.slice(place, place + AT_ONCE);
      place += batch.length;
      if (batch.length > 0) yield batch;
      else if (this.#end !== undefined) return this.#end;
      else await once(this.#news, 'news', { signal });
    }
  }

  #placeAfter(seq: number): number {
    const place = this.#events.findIndex((event) => event.seq > seq);
    return place === -1 ? this.#events.length : place;
  }
}
