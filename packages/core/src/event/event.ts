import type { NodeId, Progress } from '@turingpi/foundation';
import type { PhaseName } from '../phase/phase.js';

interface NodeEvent {
  readonly nodeId: NodeId;
  readonly hostname: string;
  /** ISO 8601. */
  readonly at: string;
}
interface PhaseEvent extends NodeEvent {
  readonly phase: PhaseName;
}

/** Everything that happens during a run, in order, as data. */
export type TuringPiEvent =
  | (NodeEvent & { readonly type: 'node:started' })
  | (NodeEvent & { readonly type: 'node:completed'; readonly durationMs: number })
  | (NodeEvent & {
      readonly type: 'node:failed';
      readonly durationMs: number;
      readonly code: string;
      readonly message: string;
    })
  | (NodeEvent & {
      /** It was left alone on purpose: it needs an approval, or does not prove itself. */
      readonly type: 'node:blocked';
      readonly durationMs: number;
      readonly code: string;
      readonly message: string;
    })
  | (NodeEvent & { readonly type: 'node:aborted'; readonly durationMs: number })
  | (PhaseEvent & { readonly type: 'phase:started'; readonly reason: PhaseStartReason })
  | (PhaseEvent & { readonly type: 'phase:progress'; readonly progress: Progress })
  | (PhaseEvent & {
      readonly type: 'phase:skipped';
      /** What is to be said besides "nothing changed": the node did not answer, its image is outdated. */
      readonly note?: string;
    })
  | (PhaseEvent & { readonly type: 'phase:completed'; readonly durationMs: number })
  | (PhaseEvent & {
      /** It was not run on purpose; its record is as it was. */
      readonly type: 'phase:blocked';
      readonly code: string;
      readonly message: string;
    })
  | (PhaseEvent & {
      readonly type: 'phase:failed';
      readonly durationMs: number;
      readonly code: string;
      readonly message: string;
    });

/** Why a phase runs rather than being skipped. */
export type PhaseStartReason =
  | 'first run'
  | 'inputs changed'
  | 'output missing or changed'
  | 'previous run failed'
  | 'previous run crashed'
  | 'reinstallation'
  | 'actions changed';

export type EventListener = (event: TuringPiEvent) => void;
