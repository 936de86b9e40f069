import { useState } from 'preact/hooks';
import type { NodeView } from '../../src/model/run-view.js';
import { ActionTable } from './action-table.js';
import { tallyOf } from './action-tally.js';
import { PhaseList } from './phase-list.js';

/** The phases of a node with why each ran, and its actions. */
export function NodeDetails({ node }: { readonly node: NodeView }) {
  return (
    <div class="node-details">
      {node.phases.length === 0 ? (
        <p class="quiet">Nothing has been done on it.</p>
      ) : (
        <PhaseList node={node} />
      )}
      {node.actions.length > 0 && <Actions node={node} />}
    </div>
  );
}

function Actions({ node }: { readonly node: NodeView }) {
  const [open, setOpen] = useState(false);
  return (
    <details class="actions" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{tallyOf(node.actions)}</summary>
      {open && <ActionTable node={node} />}
    </details>
  );
}
