import type { NodeId } from '@turingpi/foundation';
import type { StepFailure, StepName, StepProgress, StepResult } from './board-steps.js';
import type { BoardState, RolloutOutcome } from './fleet-status.js';

interface OfBoard {
  readonly board: string;
  readonly site: string;
}

interface OfStep extends OfBoard {
  readonly node: NodeId;
  readonly step: StepName;
  /** From 1. */
  readonly attempt: number;
}

/** What happens in a rollout, without its number and time. */
export type FleetHappening =
  | { readonly type: 'rollout:started' }
  | ({ readonly type: 'board:started' } & OfBoard)
  | ({ readonly type: 'step:started' } & OfStep)
  | ({ readonly type: 'step:progress'; readonly progress: StepProgress } & OfStep)
  | ({ readonly type: 'step:completed'; readonly result: StepResult } & OfStep)
  /** `retryInMs`, in milliseconds, is missing where it is not tried again. */
  | ({ readonly type: 'step:failed'; readonly failure: StepFailure; readonly retryInMs?: number } & OfStep)
  /** It stopped because it was told to. */
  | ({ readonly type: 'step:cancelled' } & OfStep)
  | ({ readonly type: 'board:ended'; readonly state: BoardState } & OfBoard)
  | { readonly type: 'rollout:ended'; readonly outcome: RolloutOutcome };

/** Something that happened in a rollout. */
export type FleetEvent = FleetHappening & {
  /** Counted from 1 within the rollout, without gaps. Progress may be left out by an engine; then it is not counted. */
  readonly number: number;
  readonly rollout: string;
  /** ISO 8601. */
  readonly at: string;
};
