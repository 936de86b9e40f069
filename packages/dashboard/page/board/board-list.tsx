import type { NodeId } from '@turingpi/foundation';
import { useMemo } from 'preact/hooks';
import type { BoardView, NodeView, RunView } from '../../src/model/run-view.js';
import { useGrowing } from '../run/use-growing.js';
import { EmptySlot, SlotCard } from './slot-card.js';

const SLOTS: readonly NodeId[] = [1, 2, 3, 4];
const AT_ONCE = 4;

/** A picture of every board: four slots, and what is in them. */
export function BoardList({ view, now }: { readonly view: RunView; readonly now: number }) {
  const drawn = useGrowing(view.boards.length, AT_ONCE);
  const waiting = view.endedAt === undefined;
  return (
    <section aria-labelledby="boards">
      <h2 id="boards">{view.boards.length === 1 ? 'Board' : 'Boards'}</h2>
      {view.boards.length === 0 && <p class="quiet">Nothing has been told yet.</p>}
      <div class={view.boards.length > 1 ? 'boards several' : 'boards'}>
        {view.boards.slice(0, drawn).map((board) => (
          <Board
            key={board.name}
            board={board}
            nodes={view.nodes.filter((node) => node.board === board.name)}
            now={waiting ? now : 0}
          />
        ))}
      </div>
    </section>
  );
}

interface BoardProps {
  readonly board: BoardView;
  readonly nodes: readonly NodeView[];
  readonly now: number;
}

function Board({ board, nodes, now }: BoardProps) {
  const slots = SLOTS.map((id) => nodes.find(({ nodeId }) => nodeId === id));
  return (
    <article class="board" aria-label={`Board ${board.name} ${board.address ?? ''}`}>
      <p class="board-title">
        {board.name !== '' && <strong>{board.name}</strong>}
        <span class="address">{board.address ?? 'address not told'}</span>
        {board.simulated && <span class="quiet">simulated</span>}
      </p>
      <ol class="slots">
        {slots.map((node, index) => (
          <Slot key={index} number={index + 1} node={node} now={node?.status === 'running' ? now : 0} />
        ))}
      </ol>
    </article>
  );
}

interface SlotProps {
  readonly number: number;
  readonly node: NodeView | undefined;
  readonly now: number;
}

/** Drawn again only when its node is another, or time passes for it. */
function Slot({ number, node, now }: SlotProps) {
  return useMemo(
    () => (node === undefined ? <EmptySlot number={number} /> : <SlotCard node={node} now={now} />),
    [number, node, now],
  );
}
