import { type AdoptedNode, PluginError, resolveNode, type TuringPi } from '@turingpi/core/plugin';
import type { NodeId } from '@turingpi/foundation';
import { OPERATING_SYSTEMS } from '../os/operating-systems.js';
import type { AdoptionRequest } from './adoption.js';

/**
 * Takes what runs on a node for what the records are about: its operating system's plugin asks the node, and core makes a
 * record of what it says. A damaged state file is kept under another name, and the board that answers is taken for this
 * project's.
 *
 * @returns What the node says, and where a damaged state file is now.
 * @throws PluginError `PLUGIN_NOT_FOUND` when no operating system can adopt; what the operating system throws.
 */
export function adoptNode(
  cluster: TuringPi,
  nodeId: NodeId,
  options: Omit<AdoptionRequest, 'context'> & { readonly signal?: AbortSignal },
): Promise<{ readonly node: AdoptedNode; readonly setAside: string | undefined }> {
  const { hostname, config } = resolveNode(cluster.config, nodeId);
  const { extensions } = cluster.registry;
  const drivers =
    config.os === undefined
      ? extensions.all(OPERATING_SYSTEMS)
      : [extensions.get(OPERATING_SYSTEMS, config.os)];
  const driver = drivers.find((candidate) => candidate.adopt !== undefined);
  if (driver?.adopt === undefined)
    throw new PluginError('PLUGIN_NOT_FOUND', `no operating system plugin can adopt ${hostname}`, {
      hint: 'Name one that can in the `os` of the node, or install the node with `turingpi reinstall`.',
    });
  const adopt = driver.adopt.bind(driver);
  const { signal, ...request } = options;
  return cluster.adopt(
    nodeId,
    (context) => adopt({ ...request, context }),
    signal === undefined ? {} : { signal },
  );
}
