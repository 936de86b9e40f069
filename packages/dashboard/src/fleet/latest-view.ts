import { EventEmitter, once } from 'node:events';
import type { PageStream, StreamEnd, StreamMessage } from '../server/page-content.js';
import type { FleetView } from './fleet-view.js';

/** The newest picture of a fleet: who looks late, or slowly, gets that one alone. */
export class LatestView implements PageStream {
  readonly #news = new EventEmitter().setMaxListeners(0);
  #view: FleetView | undefined;
  #number = -1;
  #end: StreamEnd | undefined;

  constructor(private readonly views: (signal: AbortSignal) => AsyncIterable<FleetView>) {}

  async fill(signal: AbortSignal): Promise<void> {
    try {
      for await (const view of this.views(signal)) {
        this.#view = view;
        this.#number += 1;
        this.#news.emit('news');
      }
      this.#end = {};
    } catch (error) {
      this.#end = { failure: error instanceof Error ? error.message : String(error) };
    }
    this.#news.emit('news');
  }

  async *follow(after: number, signal: AbortSignal): AsyncGenerator<StreamMessage, StreamEnd> {
    let known = after;
    for (;;) {
      if (this.#view !== undefined && this.#number > known) {
        known = this.#number;
        yield { id: known, data: this.#view };
      } else if (this.#end !== undefined) return this.#end;
      else await once(this.#news, 'news', { signal });
    }
  }
}
