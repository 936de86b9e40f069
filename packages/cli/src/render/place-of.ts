import { type NodeId, nodeName } from '@turingpi/foundation';

interface Place {
  readonly nodeId: NodeId;
  /** Name of its board, where there are several. */
  readonly board?: string;
}

/** A node by its slot, for people: `Node2`, or `shelf/Node2` where there are several boards. */
export function slotOf({ nodeId, board }: Place): string {
  return `${board === undefined ? '' : `${board}/`}${nodeName(nodeId)}`;
}

/** A node with its name, for people: `Node2 site-2`. */
export function placeOf(node: Place & { readonly hostname: string }): string {
  return `${slotOf(node)} ${node.hostname}`;
}
