import type { ClusterConfig } from '../config/cluster-config.js';
import { PhaseError } from '../errors/phase-error.js';
import { hostnameOf } from '../config/hostname-of.js';
import type { NodeId } from '@turingpi/foundation';
import type { Node } from '../node/node.js';

/**
 * One node with the defaults of the cluster filled in.
 *
 * @throws PhaseError `NODE_NOT_CONFIGURED`.
 */
export function resolveNode(config: ClusterConfig, id: NodeId): Node {
  const node = config.nodes.get(id);
  if (node === undefined)
    throw new PhaseError('NODE_NOT_CONFIGURED', `node ${id} is not configured`, {
      hint: `Configured${config.boardName === undefined ? '' : ` on ${config.boardName}`}: ${[...config.nodes.keys()].join(', ')}. Add node${id} to the configuration.`,
    });
  return {
    id,
    config: node,
    ipAddress: node.ip,
    hostname: hostnameOf(id, node, config.network.hostnamePattern),
    gateway: config.network.gateway,
    dnsServers: config.network.dnsServers,
    prefixLength: config.network.prefixLength,
    ...(config.network.onLink && { onLink: true }),
    ...(config.boardName === undefined ? {} : { board: config.boardName }),
  };
}
