import type { TuringPi } from '@turingpi/core';
import { type Node, resolveNode } from '@turingpi/core/plugin';
import { configuredNodes, type OpenedBoards } from '../cluster/open-boards.js';
import { nodesMeant } from '../cluster/several-boards.js';
import type { NodesNamed } from '../process/node-names.js';

/** A configured node that the command line names. */
export interface NamedNode {
  readonly cluster: TuringPi;
  readonly node: Node;
}

/**
 * The nodes that are named, in the order of the configuration for all, else as they are named.
 *
 * @throws UsageError for a board that is not there or not named; PhaseError `NODE_NOT_CONFIGURED`.
 */
export function namedNodes(
  { boards }: Pick<OpenedBoards, 'boards'>,
  named: NodesNamed,
): readonly NamedNode[] {
  const configured = configuredNodes(boards);
  const meant =
    nodesMeant(named === 'all' ? undefined : named, configured) ??
    [...configured].flatMap(([board, ids]) => ids.map((nodeId) => ({ board, nodeId })));
  return meant.map(({ board, nodeId }) => {
    const cluster = boards.cluster(board);
    return { cluster, node: resolveNode(cluster.config, nodeId) };
  });
}
