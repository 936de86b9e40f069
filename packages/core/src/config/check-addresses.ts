import { NODE_IDS, type NodeId } from '@turingpi/foundation';
import type { NodeConfig } from './node-config.js';
import type { ConfigIssue } from './describe-issues.js';
import { hostnameOf } from './hostname-of.js';
import { inSameNetwork, networkBoundsOf } from './network-plan.js';

/** What the addresses of a configuration are checked against. */
export interface AddressPlan {
  readonly nodes: ReadonlyMap<NodeId, NodeConfig>;
  /** Address or host name of the board controller. */
  readonly bmcAddress: string;
  readonly gateway: string;
  /** Whether the gateway is written in the configuration rather than assumed. */
  readonly gatewayGiven: boolean;
  readonly prefixLength: number;
  /** The gateway is reached over the wire, whatever network it is in. */
  readonly onLink: boolean;
  /** Host name of the nodes that have none of their own, with `{id}` in it. */
  readonly hostnamePattern: string;
}

/** Finds addresses that cannot work together: used twice, outside the gateway's network, or not of a host. */
export function checkAddresses(plan: AddressPlan): ConfigIssue[] {
  const { gateway, prefixLength, bmcAddress } = plan;
  const network = `${gateway}/${prefixLength}`;
  const bounds = networkBoundsOf(gateway, prefixLength);
  const issues: ConfigIssue[] = [];
  if (plan.gatewayGiven && gateway === bmcAddress)
    issues.push({
      path: ['network', 'gateway'],
      message: `is ${gateway}, which is already the address of the board controller (ip)`,
    });
  if (plan.gatewayGiven && !plan.onLink && bounds.includes(gateway))
    issues.push({
      path: ['network', 'gateway'],
      message: `is ${gateway}, the network's or broadcast address of ${network}`,
    });
  const owners = new Map<string, string>([
    [gateway, plan.gatewayGiven ? 'the gateway' : 'the gateway, which is assumed; set `network.gateway`'],
    [bmcAddress, 'the board controller (ip)'],
  ]);
  for (const [id, { ip }] of plan.nodes) {
    const owner = owners.get(ip);
    let problem: string | undefined;
    if (owner !== undefined) problem = `which is already the address of ${owner}`;
    else if (!plan.onLink && !inSameNetwork(ip, gateway, prefixLength))
      problem =
        `outside the network of the gateway ${network}` +
        (plan.gatewayGiven
          ? '; if the gateway is on the same wire all the same, set `network.onLink: true`'
          : '');
    else if (networkBoundsOf(ip, prefixLength).includes(ip))
      problem = `the network's or broadcast address of ${plan.onLink ? `${ip}/${prefixLength}` : network}`;
    if (problem !== undefined) issues.push({ path: [`node${id}`, 'ip'], message: `is ${ip}, ${problem}` });
    owners.set(ip, owner ?? `node${id}`);
  }
  return [...issues, ...checkMacAddresses(plan.nodes), ...checkHostnames(plan)];
}

function checkMacAddresses(nodes: ReadonlyMap<NodeId, NodeConfig>): readonly ConfigIssue[] {
  const owners = new Map<string, NodeId>();
  return NODE_IDS.flatMap((id) => {
    const mac = nodes.get(id)?.macAddress;
    if (mac === undefined) return [];
    const owner = owners.get(mac);
    owners.set(mac, owner ?? id);
    return owner === undefined ? [] : [twice(id, 'macAddress', mac, owner)];
  });
}

/** Names that nodes have by the pattern count as well; the node that is told has a name of its own, where one has. */
function checkHostnames({ nodes, hostnamePattern }: AddressPlan): readonly ConfigIssue[] {
  const owners = new Map<string, NodeId>();
  return NODE_IDS.flatMap((id) => {
    const node = nodes.get(id);
    if (node === undefined) return [];
    const name = hostnameOf(id, node, hostnamePattern).toLowerCase();
    const owner = owners.get(name);
    owners.set(name, owner ?? id);
    if (owner === undefined) return [];
    return [
      node.hostname === undefined ? twice(owner, 'hostname', name, id) : twice(id, 'hostname', name, owner),
    ];
  });
}

function twice(id: NodeId, key: 'macAddress' | 'hostname', value: string, owner: NodeId): ConfigIssue {
  return { path: [`node${id}`, key], message: `is ${value}, which node${owner} has already` };
}
