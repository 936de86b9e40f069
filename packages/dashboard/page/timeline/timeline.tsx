import type { BoardView, RunView } from '../../src/model/run-view.js';
import { useGrowing } from '../run/use-growing.js';
import { Legend } from './legend.js';
import { NodeRow } from './node-row.js';
import { SlotRow } from './slot-row.js';
import { placeOf, tickLabel, type TimeScale, timeScale } from './time-scale.js';

interface TimelineProps {
  readonly view: RunView;
  readonly now: number;
  readonly live: boolean;
}

const BOARDS_AT_ONCE = 3;

/** Nodes from top to bottom, time from left to right: phases as bars, actions as ticks, each board's flash slot as a lane. */
export function Timeline({ view, now, live }: TimelineProps) {
  const scale = timeScale(view.startedAt ?? now, now);
  const drawn = useGrowing(view.boards.length, BOARDS_AT_ONCE);
  return (
    <section aria-labelledby="timeline">
      <h2 id="timeline">Timeline</h2>
      <Legend />
      <div class={live ? 'timeline is-live' : 'timeline'}>
        <Axis scale={scale} />
        {view.boards.slice(0, drawn).map((board) => (
          <BoardRows key={board.name} board={board} view={view} scale={scale} now={now} />
        ))}
      </div>
    </section>
  );
}

function Axis({ scale }: { readonly scale: TimeScale }) {
  return (
    <div class="row axis" aria-hidden="true">
      <span class="row-label">elapsed</span>
      <div class="lane">
        {scale.ticks.map((tick) => (
          <span key={tick} class="tick" style={{ left: `${placeOf(scale, scale.start + tick)}%` }}>
            <span>{tickLabel(tick)}</span>
          </span>
        ))}
      </div>
    </div>
  );
}

interface BoardRowsProps {
  readonly board: BoardView;
  readonly view: RunView;
  readonly scale: TimeScale;
  readonly now: number;
}

function BoardRows({ board, view, scale, now }: BoardRowsProps) {
  const nodes = view.nodes.filter((node) => node.board === board.name);
  const title = board.name === '' ? 'Timeline of the board' : `Timeline of ${board.name}`;
  return (
    <div class="board-rows">
      {board.name !== '' && <h3>{board.name}</h3>}
      <ul aria-label={title}>
        <SlotRow nodes={nodes} scale={scale} now={now} />
        {nodes.map((node) => (
          <NodeRow key={node.nodeId} node={node} scale={scale} now={now} />
        ))}
      </ul>
    </div>
  );
}
