import type { FleetBoardState } from '../../src/fleet/fleet-view.js';
import { StatusMark } from '../mark/status-mark.js';
import { count } from '../text/format.js';
import { BOARD_MARK, BOARD_STATE, tallyOf } from './fleet-words.js';

/** How many boards are in which state. */
export function TallyList({ boards }: { readonly boards: readonly { readonly state: FleetBoardState }[] }) {
  return (
    <ul class="tally" aria-label={count(boards.length, 'board')}>
      {tallyOf(boards).map(([state, amount]) => (
        <li key={state}>
          <StatusMark status={BOARD_MARK[state]} />
          {amount} {BOARD_STATE[state]}
        </li>
      ))}
    </ul>
  );
}
