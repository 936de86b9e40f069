import type { BoardState, NodeStatus, RolloutOutcome } from '../orchestrator/fleet-status.js';
import type { Rollout, RolloutBoard } from '../orchestrator/rollout.js';

/** Where each board of a rollout is, by name; one that is not in it waits. */
export type BoardProgress = ReadonlyMap<string, BoardState>;

/** What decides about the next boards besides the rollout itself. */
export interface RolloutSurroundings {
  /** Whether boards may begin at this time. */
  readonly isOpen: boolean;
  /** Whether a board has to wait for something else: its site is drained, or another rollout has it. */
  isHeld(board: RolloutBoard): boolean;
}

/**
 * The boards that begin now, in their order. One that is held is passed over, and those behind it go first.
 *
 * @remarks With those that run they are never more than `atOnce`; there are none after too many failures.
 */
export function beginnable(
  { boards, policy }: Pick<Rollout, 'boards' | 'policy'>,
  progress: BoardProgress,
  surroundings: RolloutSurroundings,
): readonly RolloutBoard[] {
  if (!surroundings.isOpen || hasFailedTooOften(policy, progress)) return [];
  const free = policy.atOnce - countOf(progress, 'running');
  return boards
    .filter((board) => stateOf(progress, board) === 'waiting' && !surroundings.isHeld(board))
    .slice(0, Math.max(0, free));
}

/**
 * How a rollout has ended.
 *
 * @returns Undefined while it goes on.
 */
export function outcomeOf(
  { boards, policy }: Pick<Rollout, 'boards' | 'policy'>,
  progress: BoardProgress,
  isCancelled: boolean,
): RolloutOutcome | undefined {
  const states = boards.map((board) => stateOf(progress, board));
  if (states.includes('running')) return undefined;
  const someWait = states.some((state) => state === 'waiting' || state === 'not started');
  if (isCancelled && (someWait || states.includes('cancelled'))) return 'cancelled';
  if (someWait) return hasFailedTooOften(policy, progress) ? 'stopped' : undefined;
  return states.every((state) => state === 'completed') ? 'completed' : 'failed';
}

/** What became of a board, by its nodes, when none of them runs any more. */
export function stateOfBoard(nodes: readonly Pick<NodeStatus, 'state'>[], isCancelled: boolean): BoardState {
  if (nodes.some(({ state }) => state === 'failed')) return 'failed';
  if (nodes.every(({ state }) => state === 'completed')) return 'completed';
  return isCancelled ? 'cancelled' : 'failed';
}

function hasFailedTooOften({ stopAfterFailures }: Rollout['policy'], progress: BoardProgress): boolean {
  return stopAfterFailures !== undefined && countOf(progress, 'failed') >= stopAfterFailures;
}

function stateOf(progress: BoardProgress, { board }: RolloutBoard): BoardState {
  return progress.get(board) ?? 'waiting';
}

function countOf(progress: BoardProgress, wanted: BoardState): number {
  return [...progress.values()].filter((state) => state === wanted).length;
}
