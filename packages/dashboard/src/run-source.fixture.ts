import { EventEmitter, on } from 'node:events';
import type { RunEvent } from '@turingpi/core/plugin';
import type { RunSource } from './run-source.js';

/** A run that happens as a test tells it. */
export class ToldRun implements RunSource {
  readonly #told: RunEvent[] = [];
  readonly #news = new EventEmitter();
  #ended = false;
  /** How often it was asked to end. */
  cancelled = 0;

  constructor(events: readonly RunEvent[] = []) {
    this.#told.push(...events);
  }

  tell(...events: readonly RunEvent[]): void {
    this.#told.push(...events);
    this.#news.emit('news');
  }

  end(): void {
    this.#ended = true;
    this.#news.emit('news');
  }

  async *events(signal: AbortSignal): AsyncGenerator<RunEvent> {
    const news = on(this.#news, 'news', { signal });
    for (let place = 0; ;) {
      while (place < this.#told.length) yield this.#told[place++]!;
      if (this.#ended) return;
      await news.next();
    }
  }

  async cancel(): Promise<void> {
    this.cancelled += 1;
    await Promise.resolve();
  }
}
