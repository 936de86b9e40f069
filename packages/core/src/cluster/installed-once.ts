import type { NodeId } from '@turingpi/foundation';
import type { NodeSummary } from './cluster-summary.js';
import type { NodeRunOptions } from './workflow.js';

/**
 * Attempts at a node: one that comes after its installation was done asks for none, whatever was asked for. To install
 * anew is an order that is carried out once.
 */
export function installedOnce(
  node: NodeId,
  options: NodeRunOptions,
  run: (options: NodeRunOptions) => Promise<NodeSummary>,
): () => Promise<NodeSummary> {
  let asked = options;
  return async () => {
    const summary = await run(asked);
    if (summary.phases.os_installation.outcome === 'completed' && asked.reinstall !== undefined)
      asked = { ...asked, reinstall: asked.reinstall.filter((id) => id !== node) };
    return summary;
  };
}
