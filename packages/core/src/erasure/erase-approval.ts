import type { NodeId, Erasure } from '@turingpi/foundation';

/**
 * Who may erase what, as code says it.
 *
 * @remarks
 * - `'none'`: nothing (default);
 * - `'new'`: nodes without any record that do not answer at their address. The retry of an installation that was
 *   interrupted is not among them: the module may have been replaced since;
 * - `'all'`: every node of the configuration;
 * - a list of nodes: these, whatever is on them;
 * - a function: asked for each erasure;
 * - an object with `decide`: asked once for all nodes of a run that come to it.
 *
 * A node with `protect: true` is never erased.
 */
export type EraseApproval =
  | 'none'
  | 'new'
  | 'all'
  | readonly NodeId[]
  | ((erasure: Erasure) => boolean | Promise<boolean>)
  | EraseApprover;

/** Decides about several erasures at once, as a person at a terminal does. */
export interface EraseApprover {
  /** Those of the erasures that are approved: the very objects that were given. */
  decide(erasures: readonly Erasure[]): Promise<readonly Erasure[]>;
}

/** Whether an approval has to be asked for all nodes together. */
export function isApprover(
  approval: EraseApproval | Readonly<Record<string, unknown>>,
): approval is EraseApprover {
  return typeof approval === 'object' && 'decide' in approval && typeof approval.decide === 'function';
}

/** What an approval says of one erasure. */
export async function isApproved(approval: EraseApproval, erasure: Erasure): Promise<boolean> {
  if (typeof approval === 'function') return approval(erasure);
  if (isApprover(approval)) return (await approval.decide([erasure])).includes(erasure);
  if (typeof approval === 'object') return approval.includes(erasure.node);
  if (approval === 'all') return true;
  return approval === 'new' && erasure.evidence === 'new';
}
