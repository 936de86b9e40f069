import type { EraseApproval } from '@turingpi/core';
import { InvalidArgumentError } from 'commander';
import { parseNodeIds } from './arguments.js';

/** What `--erase` says: `new`, `all`, or the numbers of nodes. */
export function parseErase(text: string): EraseApproval {
  if (text === 'new' || text === 'all') return text;
  try {
    return parseNodeIds(text);
  } catch {
    throw new InvalidArgumentError('say new, all, or the numbers of nodes, for example 2,3');
  }
}

/** The description of `--erase`, the same for every command that has it. */
export const ERASE_DESCRIPTION =
  'disks that may be erased without asking: numbers of nodes, new (never seen, and silent), or all';
