import { BlockList } from 'node:net';

/** Whether an IPv4 address lies in the network of another one. */
export function inSameNetwork(address: string, other: string, prefixLength: number): boolean {
  const network = new BlockList();
  network.addSubnet(other, prefixLength, 'ipv4');
  return network.check(address, 'ipv4');
}

/** The first host address of an address's network: where home routers usually are. */
export function firstHostOf(address: string, prefixLength: number): string {
  return format(networkStart(address, prefixLength) + 1);
}

/** The network's own and its broadcast address: no host can have them. */
export function networkBoundsOf(address: string, prefixLength: number): readonly [string, string] {
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
