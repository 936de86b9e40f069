import { isIPv4, isIPv6 } from 'node:net';

/** An IP address as a number, so that networks can be compared. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
  /** As written, IPv6 in lower case. */
  readonly text: string;
}

/** An address with the length of its network's prefix. */
export interface Cidr {
  readonly address: IpAddress;
  readonly prefixLength: number;
}

function parse4(text: string): bigint {
  return text.split('.').reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function parse6(text: string): bigint {
  // A dotted tail is two groups: `::ffff:192.0.2.1`.
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  let plain = text;
  if (dotted?.[1] !== undefined && dotted[2] !== undefined) {
    const tail = parse4(dotted[2]);
    plain = `${dotted[1]}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}`;
  }
  const [head = '', rest] = plain.split('::');
  const left = groups(head);
  const right = rest === undefined ? [] : groups(rest);
  const zeros = Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  return [...left, ...zeros, ...right].reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

/** Reads an IPv4 or IPv6 address without zone; undefined for anything else. */
export function parseIpAddress(text: string): IpAddress | undefined {
  if (isIPv4(text)) return { family: 4, value: parse4(text), text };
  if (isIPv6(text) && !text.includes('%'))
    return { family: 6, value: parse6(text), text: text.toLowerCase() };
  return undefined;
}

/** Bits of an address of this family. */
export function addressBits(family: 4 | 6): 32 | 128 {
  return family === 4 ? 32 : 128;
}

/** The first address of the network. */
export function networkOf(cidr: Cidr): bigint {
  const host = BigInt(addressBits(cidr.address.family) - cidr.prefixLength);
  return (cidr.address.value >> host) << host;
}

/** The last address of the network; in IPv4 its broadcast address. */
export function lastOf(cidr: Cidr): bigint {
  const host = BigInt(addressBits(cidr.address.family) - cidr.prefixLength);
  return networkOf(cidr) | ((1n << host) - 1n);
}

/** Whether the address lies in the network. */
export function contains(cidr: Cidr, address: IpAddress): boolean {
  return (
    cidr.address.family === address.family &&
    address.value >= networkOf(cidr) &&
    address.value <= lastOf(cidr)
  );
}

export function formatCidr(cidr: Cidr): string {
  return `${cidr.address.text}/${cidr.prefixLength}`;
}

/** The netmask of an IPv4 prefix length in dotted form. */
export function dottedNetmask(prefixLength: number): string {
  const mask = prefixLength === 0 ? 0 : (0xffffffff << (32 - prefixLength)) >>> 0;
  return [24, 16, 8, 0].map((shift) => (mask >>> shift) & 0xff).join('.');
}
