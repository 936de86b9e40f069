import { BlockList } from 'node:net';

/** Whether an IPv4 address lies in the network of another one. */
export function inSameNetwork(address: string, other: string, prefixLength: number): boolean {
  const network = new BlockList();
  network.addSubnet(other, prefixLength, 'ipv4');
  return network.check(address, 'ipv4');
}

/** The first host address of an address's network: where home routers usually are. */
export function firstHostOf(address: string, prefixLength: number): string {
  const value = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - prefixLength);
  const first = Math.floor(value / size) * size + 1;
  return [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.');
}
