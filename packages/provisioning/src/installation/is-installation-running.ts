import type { Extensions, InstalledNode, Node } from '@turingpi/core/plugin';
import { OPERATING_SYSTEMS } from '../os/operating-systems.js';
import type { NodeQuestion } from '../os/readiness.js';
import { askNode } from './ask-node.js';

/** An installation that is on record, and the node that it is on. */
export interface RecordedInstallation {
  readonly node: Node;
  readonly installed: InstalledNode;
}

/**
 * Whether a recorded installation answers now as itself: by its key, asked as its own system is asked, whichever that is.
 */
export async function isInstallationRunning(
  { node, installed: { os, hostKeys } }: RecordedInstallation,
  context: NodeQuestion['context'] & { readonly extensions: Extensions },
  signal: AbortSignal,
): Promise<boolean> {
  if (hostKeys.length === 0) return false;
  // A system whose plugin is gone is taken for one with SSH, which most have.
  const system = context.extensions.all(OPERATING_SYSTEMS).find(({ id }) => id === os) ?? { access: 'ssh' };
  return (await askNode(system, { context, node, hostKeys, signal })).answer === 'expected';
}
