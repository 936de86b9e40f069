import type { Logger } from '@turingpi/foundation';
import type { ClusterState } from './state-document.js';
import { changesBetween } from './changes-between.js';
import type { RecordedChange } from './state-store.js';

/** What a look works with. */
export interface RecordLookParts {
  readonly load: () => Promise<ClusterState>;
  readonly listener: (change: RecordedChange) => void;
  readonly logger: Logger;
}

/** Looks at a state when it is told to, and tells which records are others than at the look before. */
export class RecordLook {
  #known: ClusterState | undefined;
  #isEnded = false;
  #looking: Promise<void> = Promise.resolve();

  constructor(private readonly parts: RecordLookParts) {}

  /** Looks once more, when the looks before are done. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look());
    return this.#looking;
  }

  /** Tells nothing any more. */
  end(): void {
    this.#isEnded = true;
  }

  async #look(): Promise<void> {
    const found = await this.parts.load().catch(() => undefined); // who needs it is told by whoever reads it next
    if (found === undefined || this.#isEnded) return;
    const known = this.#known;
    this.#known = found;
    if (known === undefined) return;
    for (const change of changesBetween(known, found)) this.#tell(change);
  }

  #tell(change: RecordedChange): void {
    try {
      this.parts.listener(change);
    } catch (error) {
      this.parts.logger.warn({ err: error }, 'a listener to the state failed');
    }
  }
}
