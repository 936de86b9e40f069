import { defineSignal } from '@temporalio/workflow';
import type { FleetHappening, Rollout, RolloutBoard, SiteLimits } from '@turingpi/fleet/orchestrator';
import type { StepTimings } from './step-timings.js';

/** What the workflow of a rollout begins with. */
export interface RolloutInput {
  readonly fleet: string;
  readonly rollout: Rollout;
  readonly timings: StepTimings;
  /** What the run before it knew, where its history had become too long. */
  readonly carried?: CarriedRollout;
}

/** What a rollout knows. */
export interface CarriedRollout {
  /** States of the boards that have begun, by name. */
  readonly progress: readonly (readonly [string, BoardState])[];
  readonly isCancelled: boolean;
}

/** What the workflow of a board begins with. */
export interface BoardInput
  extends Pick<Rollout, 'reinstall' | 'trace'>, Pick<RolloutInput, 'fleet' | 'timings'> {
  /** Id of the rollout that it belongs to. */
  readonly rollout: string;
  readonly board: RolloutBoard;
  readonly limits: SiteLimits;
  readonly retry: Rollout['policy']['retry'];
}

type BoardState = Extract<FleetHappening, { type: 'board:ended' }>['state'];

/** From a board to its rollout; they are what is told of a rollout, in the order in which they arrive. */
export const happened = defineSignal<[readonly FleetHappening[]]>('happened');
/** From a rollout to a board that another one has: it is to tell when it is free. The name is the rollout's workflow id. */
export const awaitBoard = defineSignal<[string]>('awaitBoard');
/** From a board that is free, by its name, to rollouts that wait for it. */
export const boardFree = defineSignal<[string]>('boardFree');
/** To a site that is drained. */
export const resume = defineSignal('resume');
