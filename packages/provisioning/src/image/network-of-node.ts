import type { Node } from '@turingpi/core/plugin';
import { defined } from '../workflow/defined.js';
import type { NetworkConfig } from './network-config.js';

/** The network of a node as its configuration says it: what its image gets where a workflow says nothing else. */
export function networkOfNode(node: Node): NetworkConfig {
  return {
    ipCidr: `${node.ipAddress}/${node.prefixLength}`,
    hostname: node.hostname,
    gateway: node.gateway,
    dnsServers: node.dnsServers,
    ...defined({ onLink: node.onLink, macAddress: node.config.macAddress }),
  };
}
