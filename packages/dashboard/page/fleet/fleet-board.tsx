import { useMemo } from 'preact/hooks';
import type { FleetBoardView, FleetNodeView } from '../../src/fleet/fleet-view.js';
import { StatusMark } from '../mark/status-mark.js';
import { EngineLink } from './engine-link.js';
import { BOARD_MARK, BOARD_STATE } from './fleet-words.js';

/** A board with its nodes. Drawn again only when something of it is another. */
export function FleetBoard({ board }: { readonly board: FleetBoardView }) {
  const same = JSON.stringify(board);
  return useMemo(() => <Drawn board={JSON.parse(same) as FleetBoardView} />, [same]);
}

function Drawn({ board: { board, state, nodes, page } }: { readonly board: FleetBoardView }) {
  const anchor = `board-${board}`;
  return (
    <article
      class={`card fleet-board is-${BOARD_MARK[state]}`}
      id={anchor}
      tabIndex={-1}
      aria-label={`Board ${board}`}
    >
      <p class="slot-top">
        <strong class="slot-number">
          <EngineLink page={page}>{board}</EngineLink>
        </strong>
        <span class="slot-status">
          <StatusMark status={BOARD_MARK[state]} />
          {BOARD_STATE[state]}
        </span>
      </p>
      {nodes.length > 0 && (
        <ol class="fleet-nodes" aria-label={`Nodes of ${board}`}>
          {nodes.map((node) => (
            <NodeLine key={node.node} node={node} />
          ))}
        </ol>
      )}
    </article>
  );
}

function NodeLine({ node: { node, state, step, failure } }: { readonly node: FleetNodeView }) {
  return (
    <li>
      <span class="slot-number">
        <span class="unseen">Node </span>
        {node}
      </span>
      <StatusMark status={BOARD_MARK[state]} />
      <span>
        {BOARD_STATE[state]}
        {step !== undefined && state !== 'completed' && <span class="quiet">, {step}</span>}
        {failure !== undefined && (
          <>
            {state === 'running' ? <span class="quiet"> again after </span> : ' '}
            <code>{failure.code}</code>
          </>
        )}
      </span>
    </li>
  );
}
