import type { FleetBoardState, RolloutView } from '../../src/fleet/fleet-view.js';
import type { Mark } from '../mark/status-mark.js';

export const BOARD_STATE: Readonly<Record<FleetBoardState, string>> = {
  idle: 'no rollout',
  waiting: 'waiting',
  running: 'running',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
  'not started': 'not started',
};
export const BOARD_MARK: Readonly<Record<FleetBoardState, Mark>> = {
  idle: 'pending',
  waiting: 'waiting',
  running: 'running',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'aborted',
  'not started': 'incomplete',
};

export const ROLLOUT_STATE: Readonly<Record<RolloutView['state'], string>> = {
  running: 'goes on',
  completed: 'completed',
  failed: 'failed',
  stopped: 'stopped: too many boards failed',
  cancelled: 'cancelled',
};
export const ROLLOUT_MARK: Readonly<Record<RolloutView['state'], Mark>> = {
  running: 'running',
  completed: 'completed',
  failed: 'failed',
  stopped: 'failed',
  cancelled: 'aborted',
};

/** The states in the order in which they are counted: what needs somebody comes first. */
const ORDER: readonly FleetBoardState[] = [
  ...(['failed', 'cancelled', 'running', 'waiting', 'not started', 'completed', 'idle'] as const),
];

/** How many boards are in each state, without those in which none is. */
export function tallyOf(
  boards: readonly { readonly state: FleetBoardState }[],
): readonly (readonly [FleetBoardState, number])[] {
  return ORDER.map(
    (state) => [state, boards.filter((board) => board.state === state).length] as const,
  ).filter(([, amount]) => amount > 0);
}
