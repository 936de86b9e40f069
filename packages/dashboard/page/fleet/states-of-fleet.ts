import type { FleetView } from '../../src/fleet/fleet-view.js';
import { BOARD_STATE, ROLLOUT_STATE } from './fleet-words.js';

/** The boards and rollouts that have ended, in words; and that there is a fleet at all. */
export function statesOfFleet({ fleet, rollouts, sites }: FleetView): ReadonlyMap<string, string> {
  const states = new Map<string, string>(fleet === '' ? [] : [['fleet', fleet]]);
  for (const { board, state } of sites.flatMap(({ boards }) => boards))
    if (state === 'completed' || state === 'failed' || state === 'cancelled')
      states.set(`board ${board}`, `${board} ${BOARD_STATE[state]}`);
  for (const { id, state } of rollouts)
    if (state !== 'running') states.set(`rollout ${id}`, `The rollout ${id}: ${ROLLOUT_STATE[state]}`);
  return states;
}
