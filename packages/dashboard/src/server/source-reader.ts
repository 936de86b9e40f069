import { EventEmitter, once } from 'node:events';
import type { StreamEnd } from './page-content.js';

/** Reads a source to its end once, however many look at what it has told so far. */
export class SourceReader<T> {
  readonly #news = new EventEmitter().setMaxListeners(0);
  #end: StreamEnd | undefined;

  /** @param take - keeps one thing that was told */
  constructor(
    private readonly source: (signal: AbortSignal) => AsyncIterable<T>,
    private readonly take: (told: T) => void,
  ) {}

  /** Undefined while there may be more. */
  get end(): StreamEnd | undefined {
    return this.#end;
  }

  /** That it fails is told by {@link end}. */
  async fill(signal: AbortSignal): Promise<void> {
    try {
      for await (const told of this.source(signal)) {
        this.take(told);
        this.#news.emit('news');
      }
      this.#end = {};
    } catch (error) {
      this.#end = { failure: error instanceof Error ? error.message : String(error) };
    }
    this.#news.emit('news');
  }

  /** Waits until something is told, or the end: for whoever has just looked, as nothing comes in between. */
  async news(signal: AbortSignal): Promise<void> {
    await once(this.#news, 'news', { signal });
  }
}
