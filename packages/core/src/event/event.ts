import type { InputChange, NodeId, Progress } from '@turingpi/foundation';
import type { PhaseName } from '../phase/phase.js';
import type { StepResource } from '../phase/phase-step.js';

interface NodeEvent {
  readonly nodeId: NodeId;
  readonly hostname: string;
  /** ISO 8601. */
  readonly at: string;
  /** Name of the board, where a configuration has several. */
  readonly board?: string;
}
interface PhaseEvent extends NodeEvent {
  readonly phase: PhaseName;
}
interface ActionEvent extends NodeEvent {
  readonly phase: 'post_installation';
  /** Its kind, as the journal names it, for example `remote.runCommand`. */
  readonly action: string;
  /** Its place among the actions of the node, counted from 0. */
  readonly index: number;
}
/** What went wrong, without secrets. */
interface FailureFacts {
  readonly code: string;
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
  /** The last lines of the node's serial console, where they were watched. */
  readonly console?: readonly string[];
}

/** Everything that happens during a run, in order, as data. */
export type TuringPiEvent =
  | (NodeEvent & { readonly type: 'node:started' })
  | (NodeEvent & { readonly type: 'node:completed'; readonly durationMs: number })
  | (NodeEvent & FailureFacts & { readonly type: 'node:failed'; readonly durationMs: number })
  | (NodeEvent &
      FailureFacts & {
        /** It was left alone on purpose: it needs an approval, or does not prove itself. */
        readonly type: 'node:blocked';
        readonly durationMs: number;
      })
  | (NodeEvent & { readonly type: 'node:aborted'; readonly durationMs: number })
  | (PhaseEvent & {
      readonly type: 'phase:started';
      readonly reason: PhaseStartReason;
      /** The named inputs that differ from what is on record; missing or empty where there is nothing to compare. */
      readonly changes?: readonly InputChange[];
      /** What is to be said of the run before, which crashed: who ran it, since when, and what becomes of what it began. */
      readonly note?: string;
    })
  | (PhaseEvent & { readonly type: 'phase:progress'; readonly progress: Progress })
  | (PhaseEvent & {
      readonly type: 'phase:skipped';
      /** What is to be said besides "nothing changed": the node did not answer, its image is outdated. */
      readonly note?: string;
    })
  | (PhaseEvent & { readonly type: 'phase:completed'; readonly durationMs: number })
  | (PhaseEvent &
      FailureFacts & {
        /** It was not run on purpose; its record is as it was. */
        readonly type: 'phase:blocked';
      })
  | (PhaseEvent & FailureFacts & { readonly type: 'phase:failed'; readonly durationMs: number })
  | (PhaseEvent & {
      /** The phase has what it needs alone; others wait for it until it is released. */
      readonly type: 'resource:acquired';
      readonly resource: StepResource;
      readonly waitedMs: number;
    })
  | (PhaseEvent & { readonly type: 'resource:released'; readonly resource: StepResource })
  | (ActionEvent & { readonly type: 'action:started'; readonly note?: string })
  | (ActionEvent & {
      /** Its result was taken from the journal; the node was not touched for it. */
      readonly type: 'action:replayed';
    })
  | (ActionEvent & {
      readonly type: 'action:completed';
      readonly durationMs: number;
      /** Whether it changed something; missing where the action cannot tell. */
      readonly changed?: boolean;
    })
  | (ActionEvent & FailureFacts & { readonly type: 'action:failed'; readonly durationMs: number });

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
