import type { RolloutView } from '../../src/fleet/fleet-view.js';
import { ProgressBar } from '../board/progress-bar.js';
import { CancelButton } from '../header/cancel-button.js';
import { MAY_CANCEL } from '../live/may-cancel.js';
import { StatusMark } from '../mark/status-mark.js';
import { useGrowing } from '../run/use-growing.js';
import { count, formatDate, formatDuration } from '../text/format.js';
import { EngineLink } from './engine-link.js';
import { BOARD_MARK, BOARD_STATE, ROLLOUT_MARK, ROLLOUT_STATE } from './fleet-words.js';
import { TallyList } from './tally-list.js';

const MEANS =
  'What runs is told to stop and waited for, and no further board begins. A flash that is under way is cancelled on the ' +
  'board, and its node has to be installed again. What is completed stays so.';
const OVER: readonly string[] = ['completed', 'failed', 'cancelled', 'not started'];

/** The rollouts, the newest first, each with its boards in the order in which they begin. */
export function RolloutList({ rollouts, at, session }: RolloutListProps) {
  const drawn = useGrowing(rollouts.length, 5);
  return (
    <section aria-labelledby="rollouts">
      <h2 id="rollouts">Rollouts</h2>
      {rollouts.length === 0 && <p class="quiet">None is known.</p>}
      <div class="rollouts">
        {rollouts.slice(0, drawn).map((rollout) => (
          <Rollout key={rollout.id} rollout={rollout} at={at} session={session} />
        ))}
      </div>
    </section>
  );
}

interface RolloutListProps {
  readonly rollouts: readonly RolloutView[];
  /** Where the time has got to, in milliseconds since 1970. */
  readonly at: number;
  /** Missing where nothing can be asked any more. */
  readonly session: Promise<string | undefined> | undefined;
}

function Rollout({ rollout, at, session }: Omit<RolloutListProps, 'rollouts'> & { rollout: RolloutView }) {
  const { id, state, startedAt, endedAt, atOnce, boards, page } = rollout;
  const begun = startedAt === undefined ? undefined : Date.parse(startedAt);
  const end = endedAt === undefined ? at : Date.parse(endedAt);
  const over = boards.filter((board) => OVER.includes(board.state)).length;
  return (
    <article class="rollout" aria-labelledby={`rollout-${id}`}>
      <div class="title">
        <h3 id={`rollout-${id}`}>
          <EngineLink page={page}>{id}</EngineLink>
        </h3>
        <p class={`badge is-${ROLLOUT_MARK[state]}`}>
          <StatusMark status={ROLLOUT_MARK[state]} />
          {ROLLOUT_STATE[state]}
        </p>
        {state === 'running' && MAY_CANCEL && session !== undefined && (
          <CancelButton thing="rollout" name={id} means={MEANS} cancelling={false} session={session} />
        )}
      </div>
      <p class="facts">
        {begun !== undefined && <span>{formatDate(begun)}</span>}
        {begun !== undefined && (
          <span>
            {endedAt === undefined ? '' : 'took '}
            {formatDuration(Math.max(0, end - begun))}
            {endedAt === undefined ? ' so far' : ''}
          </span>
        )}
        {atOnce !== undefined && <span>{count(atOnce, 'board')} at a time</span>}
      </p>
      {state === 'running' && (
        <ProgressBar
          fraction={boards.length === 0 ? undefined : over / boards.length}
          label={`${over} of ${count(boards.length, 'board')} over`}
        />
      )}
      <TallyList boards={boards} />
      <BoardOrder boards={boards} />
    </article>
  );
}

/** So many boards are shown by name; of more, one opens the list. */
const SHOWN = 24;

function BoardOrder({ boards }: Pick<RolloutView, 'boards'>) {
  const list = (
    <ol class="board-order" aria-label="Boards in their order">
      {boards.map(({ board, state }) => (
        <li key={board} class={`is-${BOARD_MARK[state]}`}>
          <StatusMark status={BOARD_MARK[state]} />
          <a href={`#${encodeURIComponent(`board-${board}`)}`}>{board}</a>
          <span class="unseen"> {BOARD_STATE[state]}</span>
        </li>
      ))}
    </ol>
  );
  if (boards.length <= SHOWN) return list;
  return (
    <details>
      <summary>{count(boards.length, 'board')} in their order</summary>
      {list}
    </details>
  );
}
