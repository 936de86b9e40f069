import { RecordLook, type RecordLookParts } from './record-look.js';

/** What a subscription works with. */
export interface StateSubscriptionParts extends RecordLookParts {
  /** Between two looks, in milliseconds. */
  readonly everyMs: number;
}

/**
 * Looks at a state again and again, and tells which records are others than before.
 *
 * @remarks The file is read, not watched: filesystems over a network tell nobody of changes.
 */
export class StateSubscription {
  readonly #timer: NodeJS.Timeout;
  readonly #look: RecordLook;

  constructor(parts: StateSubscriptionParts) {
    this.#look = new RecordLook(parts);
    void this.#look.look();
    this.#timer = setInterval(() => void this.#look.look(), parts.everyMs);
    this.#timer.unref();
  }

  end(): void {
    this.#look.end();
    clearInterval(this.#timer);
  }
}
