import { NODE_IDS, nodeName } from '@turingpi/foundation';
import { PHASES } from '../phase/phase.js';
import type { ClusterState, PhaseRecord } from './state-document.js';
import type { RecordedChange } from './state-store.js';

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

  constructor(
    private readonly load: () => Promise<ClusterState>,
    private readonly listener: (change: RecordedChange) => void,
    everyMs: number,
  ) {
    this.#looking = this.#look();
    this.#timer = setInterval(() => {
      this.#looking = this.#looking.then(() => this.#look());
    }, everyMs);
    this.#timer.unref();
  }

  end(): void {
    this.#isEnded = true;
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const found = await this.load().catch(() => undefined); // who needs it is told by whoever reads it next
    if (found === undefined || this.#isEnded) return;
    const known = this.#known;
    this.#known = found;
    if (known === undefined) return;
    for (const change of changesBetween(known, found)) this.listener(change);
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
