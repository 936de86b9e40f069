import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { NodeView } from '../../src/model/run-view.js';
import { StatusMark } from '../mark/status-mark.js';
import { useGrowing } from '../run/use-growing.js';
import { formatDuration } from '../text/format.js';
import { NODE_STATUS } from '../text/words.js';
import { anchorOf } from './node-anchor.js';
import { NodeDetails } from './node-details.js';

/** So many are open from the start; of more, one opens what one wants to see. */
const OPEN_UP_TO = 4;
const AT_ONCE = 16;

/** All that there is of each node. */
export function NodeList({ nodes }: { readonly nodes: readonly NodeView[] }) {
  const drawn = useGrowing(nodes.length, AT_ONCE);
  const open = nodes.length <= OPEN_UP_TO;
  return (
    <section aria-labelledby="nodes">
      <h2 id="nodes" tabIndex={-1}>
        Nodes
      </h2>
      {nodes.slice(0, drawn).map((node) => (
        <NodeEntry key={anchorOf(node)} node={node} openFirst={open} />
      ))}
    </section>
  );
}

interface NodeEntryProps {
  readonly node: NodeView;
  readonly openFirst: boolean;
}

function NodeEntry({ node, openFirst }: NodeEntryProps) {
  const [open, setOpen] = useState(openFirst);
  const element = useRef<HTMLDetailsElement>(null);
  const anchor = anchorOf(node);
  useEffect(() => {
    const openIfMeant = () => {
      if (decodeURIComponent(location.hash.slice(1)) !== anchor) return;
      setOpen(true);
      element.current?.scrollIntoView();
      element.current?.querySelector('summary')?.focus();
    };
    openIfMeant();
    addEventListener('hashchange', openIfMeant);
    return () => removeEventListener('hashchange', openIfMeant);
  }, [anchor]);
  return useMemo(
    () => (
      <details
        ref={element}
        id={anchor}
        class="node"
        open={open}
        onToggle={(event) => setOpen(event.currentTarget.open)}
      >
        <summary>
          <h3>{node.hostname}</h3>
          <span class="node-status">
            <StatusMark status={node.status} />
            {NODE_STATUS[node.status]}
          </span>
          <span class="quiet">
            {node.board !== '' && `${node.board}, `}slot {node.nodeId}
            {node.module !== undefined && `, ${node.module}`}
            {node.os !== undefined && `, ${node.os}`}
          </span>
          {node.from !== undefined && node.to !== undefined && (
            <span class="took">{formatDuration(node.to - node.from)}</span>
          )}
        </summary>
        {open && <NodeDetails node={node} />}
      </details>
    ),
    [node, anchor, open],
  );
}
