import { isIPv4 } from 'node:net';

/** Addresses that are offered for nodes. */
export interface SuggestedNetwork {
  /** Of node 1; the others follow. */
  readonly firstIp: string;
  readonly gateway: string;
}

/** The network of most homes, where the board tells nothing: it is simulated, or known by name only. */
const USUAL: SuggestedNetwork = { firstIp: '192.168.1.101', gateway: '192.168.1.1' };

/** How many nodes a board has. */
const NODES = 4;

/**
 * Addresses beside that of the board, as in a network of 256 addresses.
 *
 * @param boardAddress - undefined when it is not known
 */
export function suggestNetwork(boardAddress: string | undefined): SuggestedNetwork {
  if (boardAddress === undefined || !isIPv4(boardAddress) || boardAddress.startsWith('127.')) return USUAL;
  const parts = boardAddress.split('.').map(Number);
  const last = parts[3] ?? 0;
  const at = (host: number): string => [...parts.slice(0, 3), host].join('.');
  const gateway = last === 1 ? 254 : 1;
  const room = gateway === 254 ? 253 : 254;
  return { firstIp: at(last + NODES <= room ? last + 1 : last - NODES), gateway: at(gateway) };
}

/** The address of a node, counted from that of node 1; undefined where the last number is not a host's. */
export function addressOf(firstIp: string, node: number): string | undefined {
  const parts = firstIp.split('.').map(Number);
  const last = (parts[3] ?? 0) + node - 1;
  return last > 254 ? undefined : [...parts.slice(0, 3), last].join('.');
}
