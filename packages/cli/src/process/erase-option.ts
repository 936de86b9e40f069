import type { EraseApproval } from '@turingpi/core';
import type { NodeId } from '@turingpi/foundation';
import { InvalidArgumentError } from 'commander';
import { parseNodeIds } from './arguments.js';
import { UsageError } from './usage-error.js';

/** What `--erase` says: `new`, `all`, or the numbers of nodes. */
export function parseErase(text: string): EraseApproval {
  if (text === 'new' || text === 'all') return text;
  try {
    return parseNodeIds(text);
  } catch {
    throw new InvalidArgumentError('say new, all, or the numbers of nodes, for example 2,3');
  }
}

/**
 * Refuses the numbers of nodes that are not there: a slip in what may be erased is better told than ignored.
 *
 * @throws UsageError
 */
export function assertEraseNames(erase: EraseApproval | undefined, configured: ReadonlySet<NodeId>): void {
  if (!Array.isArray(erase)) return;
  const unknown = (erase as readonly NodeId[]).filter((id) => !configured.has(id));
  if (unknown.length === 0) return;
  throw new UsageError(
    `--erase names node ${unknown.join(', ')}, which the configuration does not have`,
    `Configured: ${[...configured].join(', ')}.`,
  );
}

/** The description of `--erase`, the same for every command that has it. */
export const ERASE_DESCRIPTION =
  'disks that may be erased without asking: numbers of nodes, new (never seen, and silent), or all';
