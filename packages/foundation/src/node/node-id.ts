/** A slot of the board, counted from one as printed on it. Zero-based numbers exist only inside the BMC client. */
export type NodeId = 1 | 2 | 3 | 4;

/** How a node is keyed in configuration-like records and in the state file. */
export type NodeName = 'Node1' | 'Node2' | 'Node3' | 'Node4';

export const Node1: NodeId = 1;
export const Node2: NodeId = 2;
export const Node3: NodeId = 3;
export const Node4: NodeId = 4;

/** All slots in order. */
export const NODE_IDS: readonly NodeId[] = [1, 2, 3, 4];

/**
 * A node as the command line names it: `3`, or `shelf/3`.
 *
 * @param board - name of its board, where a configuration has several
 */
export function nodeArgument(id: NodeId, board?: string): string {
  return board === undefined ? String(id) : `${board}/${id}`;
}

/** The name of a node in the state file and in messages, for example `Node3`. */
export function nodeName(id: NodeId): NodeName {
  return `Node${id}`;
}
