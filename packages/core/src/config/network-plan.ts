import { BlockList } from 'node:net';

/** Whether an IPv4 address lies in the network of another one. */
export function inSameNetwork(address: string, other: string, prefixLength: number): boolean {
  const network = new BlockList();
  network.addSubnet(other, prefixLength, 'ipv4');
  return network.check(address, 'ipv4');
}

/**
 * The address where the gateway of an address usually is: the first host of its network, or the other end of a
 * point-to-point link (/31, RFC 3021). Undefined where the network has no other address (/32).
 */
export function usualGatewayOf(address: string, prefixLength: number): string | undefined {
  const first = networkStart(address, prefixLength) + 1;
  if (prefixLength < 31) return format(first);
  if (prefixLength === 32) return undefined;
  return format(first) === address ? format(first - 1) : format(first);
}

/** The network's own and its broadcast address, which no host can have; a /31 or /32 has none (RFC 3021). */
export function networkBoundsOf(address: string, prefixLength: number): readonly string[] {
  if (prefixLength > 30) return [];
  const start = networkStart(address, prefixLength);
  return [format(start), format(start + 2 ** (32 - prefixLength) - 1)];
}

function networkStart(address: string, prefixLength: number): number {
  const value = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - prefixLength);
  return Math.floor(value / size) * size;
}

function format(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}
