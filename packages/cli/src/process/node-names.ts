import { type NodeId, NODE_IDS } from '@turingpi/foundation';
import { InvalidArgumentError } from 'commander';
import { UsageError } from './usage-error.js';

/** What is meant on the command line: a node, or every node of a board. */
export interface NodeName {
  /** Name of the board, where the configuration has several. */
  readonly board?: string;
  /** Undefined: every node of the board. */
  readonly id?: NodeId;
}

/**
 * Nodes as an option says them: `2` or `1,3`; where a configuration has several boards `shelf/2`, or `shelf` for all of
 * them. A number alone is on the board that was named before it: `shelf/1,3` are two nodes of one board.
 */
export function parseNodeNames(text: string): NodeName[] {
  const names: NodeName[] = [];
  let board: string | undefined;
  for (const entry of text.split(',').map((part) => part.trim())) {
    const { board: named, id } = parseOne(entry);
    board = named ?? board;
    const name = { ...(board === undefined ? {} : { board }), ...(id === undefined ? {} : { id }) };
    if (!names.some((known) => known.board === name.board && known.id === id)) names.push(name);
  }
  return names;
}

/**
 * What `--board` and names of nodes say together: numbers alone are on that board, and without any all of its nodes are
 * meant. Undefined where neither is given.
 *
 * @throws UsageError for a node of another board
 */
export function nodesOn(
  board: string | undefined,
  names: readonly NodeName[] | undefined,
): readonly NodeName[] | undefined {
  if (board === undefined) return names;
  const other = names?.find((name) => name.board !== undefined && name.board !== board);
  if (other === undefined) return names?.map(({ id }) => ({ board, ...(id && { id }) })) ?? [{ board }];
  throw new UsageError(
    `${formatNodeName(other)} is not on ${board}, which --board names`,
    'Leave --board out: nodes are named with their boards, as shelf/1.',
  );
}

/** Nodes as an argument says them: as {@link parseNodeNames}, or `all` for every node that is configured. */
export function parseNodes(text: string): NodesNamed {
  return text.trim() === 'all' ? 'all' : parseNodeNames(text);
}

/** Nodes that are named on the command line, or all that are configured. */
export type NodesNamed = readonly NodeName[] | 'all';

function parseOne(entry: string): NodeName {
  const [first = '', second, ...more] = entry.split('/');
  if (more.length > 0) throw notANode(entry);
  if (second === undefined) {
    const id = idIn(first);
    if (id !== undefined) return { id };
    if (!isBoardName(first)) throw notANode(entry);
    return { board: first };
  }
  const id = idIn(second);
  if (!isBoardName(first) || (id === undefined && second !== 'all')) throw notANode(entry);
  return { board: first, ...(id === undefined ? {} : { id }) };
}

/** No number: `5` is a slip, and no board. */
function isBoardName(text: string): boolean {
  return /^(?!\d+$)[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(text);
}

function idIn(text: string): NodeId | undefined {
  return NODE_IDS.find((known) => String(known) === text);
}

function notANode(entry: string): InvalidArgumentError {
  return new InvalidArgumentError(
    `nodes are 1 to 4, not "${entry}"; where there are several boards, shelf/1 or all of shelf`,
  );
}

/** A node as the command line names it. */
export function formatNodeName({ board, id }: NodeName): string {
  if (board === undefined) return String(id ?? 'all');
  return id === undefined ? board : `${board}/${id}`;
}
