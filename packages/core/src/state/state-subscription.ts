import { type Logger, NODE_IDS, nodeName } from '@turingpi/foundation';
import { PHASES } from '../phase/phase.js';
import type { ClusterState, PhaseRecord } from './state-document.js';
import type { RecordedChange } from './state-store.js';

/** What a subscription works with. */
export interface StateSubscriptionParts {
  readonly load: () => Promise<ClusterState>;
  readonly listener: (change: RecordedChange) => void;
  /** Between two looks, in milliseconds. */
  readonly everyMs: number;
  readonly logger: Logger;
}

/**
 * Looks at a state again and again, and tells which records are others than before.
 *
 * @remarks The file is read, not watched: filesystems over a network tell nobody of changes.
 */
export class StateSubscription {
  readonly #timer: NodeJS.Timeout;
  #known: ClusterState | undefined;
  #isEnded = false;
  #looking: Promise<void>;

  constructor(private readonly parts: StateSubscriptionParts) {
    this.#looking = this.#look();
    this.#timer = setInterval(() => {
      this.#looking = this.#looking.then(() => this.#look());
    }, parts.everyMs);
    this.#timer.unref();
  }

  end(): void {
    this.#isEnded = true;
    clearInterval(this.#timer);
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

/** The records that are others than before, in the order of nodes and phases. A sign of life is no change. */
export function changesBetween(before: ClusterState, after: ClusterState): readonly RecordedChange[] {
  return NODE_IDS.map(nodeName).flatMap((node) =>
    PHASES.flatMap((phase) => {
      const record = after[node]?.[phase];
      if (record === undefined || textOf(record) === textOf(before[node]?.[phase])) return [];
      return [{ node, phase, record }];
    }),
  );
}

function textOf(record: PhaseRecord | undefined): string {
  const { owner, ...rest } = record ?? {};
  return JSON.stringify([rest, owner?.instance, owner?.pid]);
}
