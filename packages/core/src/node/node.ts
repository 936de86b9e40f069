import type { NodeId } from '@turingpi/foundation';
import type { NodeConfig } from '../config/node-config.js';

/** One node as a workflow sees it: its configuration with the defaults filled in. */
export interface Node {
  readonly id: NodeId;
  readonly config: NodeConfig;
  /** The address it will have, without prefix length. */
  readonly ipAddress: string;
  readonly hostname: string;
  readonly gateway: string;
  readonly dnsServers: readonly string[];
  /** Prefix length of its network, for example 24. */
  readonly prefixLength: number;
  /** The gateway is on the same wire although it is in another network than the address. */
  readonly onLink?: boolean;
  /** Name of its board, where a configuration has several. */
  readonly board?: string;
}
