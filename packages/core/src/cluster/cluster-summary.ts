import type { TuringPiEvent } from '../event/event.js';
import type { NodeId } from '@turingpi/foundation';
import { ABORTED } from '../phase/describe-failure.js';
import { PHASES, type PhaseName } from '../phase/phase.js';

/** What became of one phase in one run. */
export interface PhaseSummary {
  readonly outcome: 'completed' | 'skipped' | 'failed' | 'stopped' | 'blocked' | 'not run';
  /** Said of a phase that was skipped, besides that nothing changed. */
  readonly note?: string;
  /** Milliseconds. */
  readonly durationMs: number;
}

/** What became of one node in one run. */
export interface NodeSummary {
  readonly nodeId: NodeId;
  /** Name of its board, where a configuration has several. */
  readonly board?: string;
  readonly hostname: string;
  /**
   * `blocked`: left alone on purpose, nothing was run ({@link error} says why); `unreachable`: nothing is to be done,
   * but the node could not be asked whether that is so.
   */
  readonly outcome: 'completed' | 'failed' | 'aborted' | 'blocked' | 'unreachable';
  readonly durationMs: number;
  readonly phases: Readonly<Record<PhaseName, PhaseSummary>>;
  /** Why it did not complete; known secrets are blotted out of it, as they are of events. */
  readonly error: unknown;
}

/** What became of all nodes. */
export interface ClusterSummary {
  /** The run, by which it is on file: `turingpi run show` tells about it. */
  readonly runId: string;
  readonly nodes: readonly NodeSummary[];
  readonly durationMs: number;
  /** Whether every node completed. */
  readonly completed: boolean;
  /** What plugins have said of it at its end; missing where that is nothing. */
  readonly remarks?: readonly string[];
}

/** Collects the phases' outcomes of one node from the events of its run. */
export class PhaseTally {
  readonly #phases = new Map<PhaseName, PhaseSummary>();

  constructor(private readonly nodeId: NodeId) {}

  readonly listen = (event: TuringPiEvent): void => {
    if (event.nodeId !== this.nodeId) return;
    // Finishing an image inside phase 2 is told as a second run of phase 1: times add up.
    const add = (phase: PhaseName, outcome: PhaseSummary['outcome'], durationMs: number, note?: string) => {
      const known = this.#phases.get(phase);
      this.#phases.set(phase, {
        outcome,
        durationMs: (known?.durationMs ?? 0) + durationMs,
        ...(note === undefined ? {} : { note }),
      });
    };
    if (event.type === 'phase:completed') add(event.phase, 'completed', event.durationMs);
    else if (event.type === 'phase:failed')
      add(event.phase, event.code === ABORTED ? 'stopped' : 'failed', event.durationMs);
    else if (event.type === 'phase:blocked') add(event.phase, 'blocked', 0);
    else if (event.type === 'phase:skipped' && !this.#phases.has(event.phase))
      add(event.phase, 'skipped', 0, event.note);
  };

  get summary(): Readonly<Record<PhaseName, PhaseSummary>> {
    return Object.fromEntries(
      PHASES.map((phase) => [phase, this.#phases.get(phase) ?? { outcome: 'not run', durationMs: 0 }]),
    ) as Record<PhaseName, PhaseSummary>;
  }
}
