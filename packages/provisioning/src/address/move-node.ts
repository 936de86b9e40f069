import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '@turingpi/core/plugin';
import { NODE_IDS, type NodeId, nodeArgument } from '@turingpi/foundation';
import type { NetworkConfig } from '../image/network-config.js';
import { ProvisioningError } from '../provisioning-error.js';
import { NODE_ADDRESSES } from '../services/tokens.js';
import { type AddressChange, addressCircle } from './address-circle.js';
import { addressInUse } from './address-in-use.js';
import { type MovedNode, NodeMove } from './node-move.js';
import { spareAddresses } from './spare-addresses.js';

/** A node, the network that it is to have, and addresses by way of which it may get there. */
export interface WantedNetwork {
  readonly network: NetworkConfig;
  /** Where it may step aside when another node waits for its address: see {@link stepsAsideTo}. */
  readonly aside: readonly string[];
}

const POLL_MS = 500;

/**
 * Gives a node another network, and its address when that is free: another node of the run that is to leave it is waited
 * for. Where nodes wait for each other in a circle, one of them steps aside.
 *
 * @param from - where the node is
 * @throws as {@link NodeMove.change}
 */
export async function moveNode(
  node: MovedNode,
  from: string,
  { network, aside }: WantedNetwork,
): Promise<void> {
  const { context } = node;
  const { ipAddress: to, id } = context.node;
  const addresses = context.service(NODE_ADDRESSES);
  const move = new NodeMove(node);
  let at = from;
  try {
    while (at !== to && (await isInTheWay(context, at, to))) {
      if (at === from && (await stepsAside(context, at))) {
        at = await stepAside(move, { from, network, aside, context });
        addresses.moved(id, at);
      }
      await sleep(POLL_MS, undefined, { signal: node.phase.signal });
    }
    await move.change({ from: at, to, network });
    addresses.moved(id, to);
  } catch (error) {
    if (at === from || context.signal.aborted) throw error;
    // Its record says where it was, and so do others: it goes back there if that is still possible.
    const back = { from: at, to: from, network: withAddress(network, from) };
    await move.change(back).catch((cause: unknown) => {
      throw leftAside(context, at, { error, cause });
    });
    addresses.moved(id, from);
    throw error;
  }
}

/**
 * Addresses by way of which a node can get one that another node has now.
 *
 * @returns None where the address is that of no other node.
 */
export async function stepsAsideTo(
  context: Context,
  { ipCidr, gateway, dnsServers = [] }: NetworkConfig,
): Promise<readonly string[]> {
  if (ipCidr === undefined) return [];
  const { id, ipAddress } = context.node;
  const nodes = await addressChanges(context);
  const isOthers = [...nodes].some(([other, { now }]) => other !== id && now === ipAddress);
  if (!isOthers) return [];
  const known = [...nodes.values()].flatMap(({ now, wanted }) => [now, wanted]);
  return spareAddresses(
    ipCidr,
    new Set([...known, ...(gateway === undefined ? [] : [gateway]), ...dnsServers]),
  );
}

/** Which other node has the address that a node is to have, by its record; undefined where none has. */
export async function holderOf(context: Context, address: string): Promise<NodeId | undefined> {
  const nodes = await addressChanges(context);
  return [...nodes].find(([id, { now }]) => id !== context.node.id && now === address)?.[0];
}

/** Whether another node has the address, and is about to leave it. @throws ProvisioningError `ADDRESS_IN_USE` when it is not. */
async function isInTheWay(context: Context, at: string, to: string): Promise<boolean> {
  const holder = await holderOf(context, to);
  if (holder === undefined) return false;
  if (context.isUnderWay(holder)) return true;
  const { node } = context;
  const both = [node.id, holder].map((id) => nodeArgument(id, node.board)).join(',');
  const { message, details } = addressInUse(node, to, `node ${holder}`);
  throw new ProvisioningError('ADDRESS_IN_USE', message, {
    hint: `Run both, so that each gets its own: \`turingpi up --node ${both}\`. ${node.hostname} is at ${at}.`,
    details,
  });
}

/** Whether it is this node of a circle that steps aside: the one with the lowest number, when all of them are under way. */
async function stepsAside(context: Context, at: string): Promise<boolean> {
  const { id } = context.node;
  const nodes = await addressChanges(context);
  const circle = addressCircle(id, new Map(nodes).set(id, { now: at, wanted: context.node.ipAddress }));
  return (
    circle.length > 0 && circle.every((other) => other >= id && (other === id || context.isUnderWay(other)))
  );
}

async function stepAside(
  move: NodeMove,
  { context, from, network, aside }: WantedNetwork & { readonly context: Context; readonly from: string },
): Promise<string> {
  for (const to of aside)
    try {
      await move.change({ from, to, network: withAddress(network, to) });
      return to;
    } catch (error) {
      if (!(error instanceof ProvisioningError && error.code === 'ADDRESS_IN_USE')) throw error;
    }
  throw new ProvisioningError(
    'ADDRESS_IN_USE',
    `${context.node.hostname} has to step aside for a moment, and there is no free address for that: ${aside.join(', ')} were tried`,
    { hint: 'Give one of the nodes a free address first, run, and then the one that it is to have.' },
  );
}

/** Where each node of the board is, and where it is to be. */
async function addressChanges(context: Context): Promise<ReadonlyMap<NodeId, AddressChange>> {
  const addresses = context.service(NODE_ADDRESSES);
  const found = new Map<NodeId, AddressChange>();
  for (const id of NODE_IDS) {
    const standing = await context.installedNode(id);
    if (standing === undefined) continue;
    const { installed, node } = standing;
    found.set(id, { now: addresses.of(id) ?? installed.ipAddress, wanted: node.ipAddress });
  }
  return found;
}

/** A network with another address in it. */
export function withAddress(network: NetworkConfig, address: string): NetworkConfig {
  return { ...network, ipCidr: `${address}/${network.ipCidr?.split('/')[1] ?? '24'}` };
}

function leftAside(
  { node }: Context,
  at: string,
  { error, cause }: { readonly error: unknown; readonly cause: unknown },
): ProvisioningError {
  const why = error instanceof Error ? error.message : String(error);
  return new ProvisioningError(
    'NETWORK_UNDECIDED',
    `${node.hostname} stepped aside to ${at} and is there still: ${why}`,
    {
      cause,
      hint: `It keeps ${at}, also when it is restarted. The next \`turingpi up\` finds it there.`,
      details: { node: node.id, at },
    },
  );
}
