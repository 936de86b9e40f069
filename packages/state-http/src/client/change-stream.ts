import { setTimeout as sleep } from 'node:timers/promises';
import { changesBetween, type ClusterState, type Logger, type RecordedChange } from '@turingpi/core/plugin';
import type { StateRequests } from './state-requests.js';

const AGAIN_AFTER_MS = 500;

/**
 * Tells which records change: the server says that something did, and what it was is looked at. A stream that is cut is
 * opened again, and what was missed is found by the same look.
 */
export class ChangeStream {
  readonly #listeners = new Set<(change: RecordedChange) => void>();
  readonly #end = new AbortController();
  #known: ClusterState | undefined;
  #looking: Promise<void> = Promise.resolve();
  #running: Promise<void> | undefined;
  #ready: Promise<void> = Promise.resolve();

  constructor(
    private readonly requests: StateRequests,
    private readonly load: () => Promise<ClusterState>,
    private readonly logger: Logger,
  ) {}

  /** Resolves when everything that changes from now on is told. */
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
    this.#listeners.clear();
    await this.#running;
  }

  async #run(begun: () => void): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      const onChunk = () => void this.#look().then(begun);
      await this.requests.stream(['events'], onChunk, signal);
      begun(); // where there is no connection, nobody waits for it
      await sleep(AGAIN_AFTER_MS, undefined, { ref: false, signal }).catch(() => undefined);
    }
  }

  #look(): Promise<void> {
    this.#looking = this.#looking.then(async () => {
      const found = await this.load().catch(() => undefined); // who needs it is told by whoever reads it next
      if (found === undefined || this.#end.signal.aborted) return;
      const known = this.#known;
      this.#known = found;
      if (known === undefined) return;
      for (const change of changesBetween(known, found))
        for (const listener of [...this.#listeners]) this.#tell(listener, change);
    });
    return this.#looking;
  }

  #tell(listener: (change: RecordedChange) => void, change: RecordedChange): void {
    try {
      listener(change);
    } catch (error) {
      this.logger.warn({ err: error }, 'a listener to the state failed');
    }
  }
}
