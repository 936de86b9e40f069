import type { Node } from '@turingpi/core/plugin';

/** A node with a module in slot 2, for what needs one and asks it nothing. */
export const SAMPLE_NODE: Node = {
  id: 2,
  config: { ip: '127.0.0.1', board: 'rk1' },
  ipAddress: '127.0.0.1',
  hostname: 'node2',
  gateway: '127.0.0.1',
  dnsServers: [],
  prefixLength: 24,
};
