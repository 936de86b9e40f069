import type { NodeView } from '../../src/model/run-view.js';

/** The id of what the page says of a node, safe in an address. */
export function anchorOf({ board, nodeId }: NodeView): string {
  return `node-${board === '' ? '' : `${encodeURIComponent(board)}-`}${nodeId}`;
}

export function hrefOf(node: NodeView): string {
  return `#${encodeURIComponent(anchorOf(node))}`;
}
