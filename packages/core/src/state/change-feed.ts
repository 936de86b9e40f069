import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@turingpi/foundation';
import { RecordLook } from './record-look.js';
import type { ClusterState } from './state-document.js';
import type { RecordedChange } from './state-store.js';

/** What a feed works with. */
export interface ChangeFeedParts {
  readonly load: () => Promise<ClusterState>;
  /**
   * Listens to a server until the connection ends, however it does. Calls `look` when it has begun to, and whenever the server
   * tells that something has changed: what it was is looked at.
   */
  readonly listen: (look: () => void, signal: AbortSignal) => Promise<void>;
  /** From the end of a connection to the next one, in milliseconds. */
  readonly againAfterMs: number;
  readonly logger: Logger;
}

/**
 * Tells listeners which records are others than before, as a server tells that there are some. While the connection is away
 * nothing is told; what has changed meanwhile is told when it is back.
 */
export class ChangeFeed {
  readonly #listeners = new Set<(change: RecordedChange) => void>();
  readonly #end = new AbortController();
  readonly #look: RecordLook;
  #running: Promise<void> | undefined;
  #ready: Promise<void> = Promise.resolve();

  constructor(private readonly parts: ChangeFeedParts) {
    const { load, logger } = parts;
    this.#look = new RecordLook({ load, logger, listener: (change) => this.#tell(change) });
  }

  /** Resolves when everything that is changed from now on is told. */
  get ready(): Promise<void> {
    return this.#ready;
  }

  subscribe(listener: (change: RecordedChange) => void): () => void {
    const own = (change: RecordedChange) => listener(change); // each subscription is one, also of the same function
    this.#listeners.add(own);
    if (this.#running === undefined) {
      let begun: () => void = () => undefined;
      this.#ready = new Promise((resolve) => (begun = resolve));
      this.#running = this.#run(begun);
    }
    return () => this.#listeners.delete(own);
  }

  async end(): Promise<void> {
    this.#end.abort();
    this.#look.end();
    this.#listeners.clear();
    await this.#running;
  }

  async #run(begun: () => void): Promise<void> {
    const { signal } = this.#end;
    const look = (): void => void this.#look.look().then(begun);
    while (!signal.aborted) {
      try {
        await this.parts.listen(look, signal);
      } catch (error) {
        this.parts.logger.debug({ err: error }, 'the server of the state does not tell of changes');
      }
      begun(); // where there is no connection, nobody waits for it
      await sleep(this.parts.againAfterMs, undefined, { ref: false, signal }).catch(() => undefined);
    }
  }

  #tell(change: RecordedChange): void {
    for (const listener of [...this.#listeners])
      try {
        listener(change);
      } catch (error) {
        this.parts.logger.warn({ err: error }, 'a listener to the state failed');
      }
  }
}
