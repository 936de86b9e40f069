import type { NodeId } from '@turingpi/foundation';
import type { StepFailure, StepName } from './board-steps.js';

/**
 * How a rollout ended:
 * - `completed`: all boards did;
 * - `failed`: some boards did not, and each had its turn;
 * - `stopped`: too many failed, and the others did not begin;
 * - `cancelled`.
 */
export type RolloutOutcome = 'completed' | 'failed' | 'stopped' | 'cancelled';

/**
 * What became of a board: `waiting` until it begins, then `running`, then an outcome. `not started` is one whose turn
 * never came.
 */
export type BoardState = 'waiting' | 'running' | 'completed' | 'failed' | 'cancelled' | 'not started';

export interface NodeStatus {
  readonly node: NodeId;
  readonly state: BoardState;
  /** The step that runs, or that it ended with; missing before the first. */
  readonly step?: StepName;
  readonly failure?: StepFailure;
}

export interface BoardStatus {
  readonly board: string;
  readonly site: string;
  readonly state: BoardState;
  readonly nodes: readonly NodeStatus[];
}

export interface RolloutStatus {
  readonly id: string;
  /** Missing while it goes on. */
  readonly outcome?: RolloutOutcome;
  /** ISO 8601. */
  readonly startedAt?: string;
  readonly endedAt?: string;
  /** How many boards at a time. */
  readonly atOnce?: number;
  readonly boards: readonly BoardStatus[];
}

export interface AgentStatus {
  readonly id: string;
  readonly site: string;
  /** ISO 8601; when it was heard of last. */
  readonly seenAt: string;
}

export interface FleetStatus {
  /** Those that are known still, newest last. */
  readonly rollouts: readonly RolloutStatus[];
  /** Ids of those that cannot be read here: they were written with other keys, or by a stranger. */
  readonly unreadable?: readonly string[];
  readonly agents: readonly AgentStatus[];
  /** Sites that take nothing new. */
  readonly draining: readonly string[];
}
