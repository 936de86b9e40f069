import { type NodeId, NODE_IDS } from '@turingpi/foundation';
import { InvalidArgumentError } from 'commander';
import { formatNodeName, type NodeName, parseNodeNames } from './node-names.js';
import { UsageError } from './usage-error.js';

/** What `--erase` says: `new`, `all`, or nodes. */
export type Erase = 'new' | 'all' | readonly NodeName[];

/** Reads `--erase`. */
export function parseErase(text: string): Erase {
  if (text === 'new' || text === 'all') return text;
  try {
    return parseNodeNames(text);
  } catch {
    throw new InvalidArgumentError('say new, all, or nodes, for example 2,3 or shelf/2');
  }
}

/**
 * What `--erase` says of the disks of one board.
 *
 * @param board - its name; undefined where there is one board, which may have a name all the same
 */
export function eraseOn(
  board: string | undefined,
  erase: Erase | undefined,
): 'new' | 'all' | readonly NodeId[] | undefined {
  if (erase === undefined || typeof erase === 'string') return erase;
  return erase.flatMap((name) => {
    if (name.board !== undefined && name.board !== board) return [];
    return name.id === undefined ? [...NODE_IDS] : [name.id];
  });
}

/**
 * Refuses nodes that are not there: a slip in what may be erased is better told than ignored.
 *
 * @param configured - the nodes of each board, by its name; of a board without a name by `undefined`
 * @throws UsageError
 */
export function assertEraseNames(
  erase: Erase | undefined,
  configured: ReadonlyMap<string | undefined, Iterable<NodeId>>,
): void {
  if (erase === undefined || typeof erase === 'string') return;
  const known = [...configured].flatMap(([board, ids]) => [
    ...(board === undefined ? [] : [board]),
    ...[...ids].map((id) => formatNodeName(board === undefined ? { id } : { board, id })),
    // Where there is one board, a number says enough.
    ...(board !== undefined && configured.size === 1 ? [...ids].map(String) : []),
  ]);
  const unknown = erase.map(formatNodeName).filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new UsageError(
    `--erase names node ${unknown.join(', ')}, which the configuration does not have`,
    `Configured: ${known.join(', ')}.`,
  );
}

/** The description of `--erase`, the same for every command that has it. */
export const ERASE_DESCRIPTION =
  'disks that may be erased without asking: numbers of nodes, new (never seen, and silent), or all';
