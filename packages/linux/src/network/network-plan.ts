import type { NetworkConfig } from '@turingpi/provisioning';
import { LinuxError, type LinuxErrorCode } from '../linux-error.js';
import { checkDomain, checkHostname } from '../hostname/hostname.js';
import { type Cidr, contains, type IpAddress, lastOf, networkOf, parseIpAddress } from './ip-address.js';

/** How the node's wired interface is recognised. */
export type InterfaceMatch =
  | { readonly by: 'mac'; readonly mac: string }
  | { readonly by: 'name'; readonly name: string }
  /** The only wired interface, whatever its name (`eth0`, `end0`, `enp1s0`). */
  | { readonly by: 'wired' };

/** A checked network configuration with every default filled in; what all writers render. */
export interface NetworkPlan {
  readonly hostname: string;
  readonly match: InterfaceMatch;
  readonly addresses: readonly Cidr[];
  readonly dhcp4: boolean;
  /** Listen to router advertisements; false when both the IPv6 address and its gateway are given. */
  readonly acceptRouterAdvertisements: boolean;
  readonly gateway4: IpAddress | undefined;
  readonly gateway6: IpAddress | undefined;
  /** The gateways are on the wire, whatever network they are in: no route to them is looked for. */
  readonly onLink: boolean;
  readonly dnsServers: readonly IpAddress[];
  readonly searchDomains: readonly string[];
  /** Bytes. */
  readonly mtu: number | undefined;
  readonly vlan: number | undefined;
}

function fail(code: LinuxErrorCode, message: string, hint: string): never {
  throw new LinuxError(code, message, { hint });
}

function planAddress(text: string, family: 4 | 6, field: string): Cidr {
  const example = family === 4 ? '192.168.1.100/24' : 'fd00:1::100/64';
  const parts = text.split('/');
  const address = parseIpAddress(parts[0] ?? '');
  if (address?.family !== family)
    fail(
      'NETWORK_ADDRESS_INVALID',
      `${field}: '${text}' is not an IPv${family} address`,
      `Write it as ${example}.`,
    );
  const prefix = parts[1];
  const bits = family === 4 ? 32 : 128;
  if (parts.length !== 2 || prefix === undefined || !/^\d{1,3}$/.test(prefix) || Number(prefix) > bits)
    fail('NETWORK_CIDR_INVALID', `${field}: '${text}' has no valid prefix length`, `Write it as ${example}.`);
  const cidr = { address, prefixLength: Number(prefix) };
  if (cidr.prefixLength === 0)
    fail(
      'NETWORK_CIDR_INVALID',
      `${field}: a prefix length of 0 is the whole Internet`,
      `Write it as ${example}.`,
    );
  const roomForHosts = cidr.prefixLength < bits - 1;
  if (roomForHosts && address.value === networkOf(cidr) && (family === 4 || address.value === 0n))
    fail(
      'NETWORK_ADDRESS_INVALID',
      `${field}: ${text} is the address of the network itself`,
      'Choose a host address in it.',
    );
  if (roomForHosts && family === 4 && address.value === lastOf(cidr))
    fail(
      'NETWORK_ADDRESS_INVALID',
      `${field}: ${text} is the network's broadcast address`,
      'Choose a host address in it.',
    );
  const unusable = family === 4 ? unusable4(address.value) : unusable6(address.value);
  if (unusable)
    fail(
      'NETWORK_ADDRESS_INVALID',
      `${field}: ${address.text} is ${unusable}`,
      'Choose a host address of your network.',
    );
  return cidr;
}

function unusable4(value: bigint): string | undefined {
  const first = Number(value >> 24n);
  if (first === 0) return "in 'this network' (0.0.0.0/8)";
  if (first === 127) return 'a loopback address';
  if (first >= 224 && first < 240) return 'a multicast address';
  if (first >= 240) return 'a reserved address';
  return undefined;
}

function unusable6(value: bigint): string | undefined {
  if (value <= 1n) return 'unspecified or loopback';
  if (value >> 120n === 0xffn) return 'a multicast address';
  if (value >> 32n === 0xffffn) return 'an IPv4 address written as IPv6';
  return undefined;
}

function isLinkLocal(address: IpAddress): boolean {
  return address.family === 6 && address.value >> 118n === 0x3fan; // fe80::/10
}

function planGateway(
  text: string,
  family: 4 | 6,
  field: string,
  cidr: Cidr | undefined,
  onLink: boolean,
): IpAddress {
  const gateway = parseIpAddress(text);
  if (gateway?.family !== family)
    fail(
      'NETWORK_ADDRESS_INVALID',
      `${field}: '${text}' is not an IPv${family} address`,
      text.includes('/')
        ? 'A gateway is written without prefix length.'
        : `Give the router's IPv${family} address.`,
    );
  if (!cidr)
    fail(
      'NETWORK_GATEWAY_UNREACHABLE',
      `${field} ${text} is given without a static IPv${family} address`,
      'DHCP brings its own gateway.',
    );
  if (!onLink && !contains(cidr, gateway) && !isLinkLocal(gateway))
    fail(
      'NETWORK_GATEWAY_UNREACHABLE',
      `${field} ${text} is outside the network of ${cidr.address.text}/${cidr.prefixLength}`,
      'Check the prefix length and the gateway; set onLink: true where the gateway is on the same wire all the same.',
    );
  if (gateway.value === cidr.address.value)
    fail(
      'NETWORK_GATEWAY_UNREACHABLE',
      `${field} ${text} is the node's own address`,
      "Give the router's address.",
    );
  return gateway;
}

function planMatch(config: NetworkConfig): InterfaceMatch {
  if (config.macAddress !== undefined) {
    const mac = config.macAddress.toLowerCase().replaceAll('-', ':');
    if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac) || mac === '00:00:00:00:00:00')
      fail(
        'NETWORK_MAC_INVALID',
        `macAddress: '${config.macAddress}' is not a MAC address`,
        'Write it as d8:3a:dd:00:00:01.',
      );
    if (Number.parseInt(mac.slice(0, 2), 16) & 1)
      fail(
        'NETWORK_MAC_INVALID',
        `macAddress: ${mac} is a multicast address`,
        'An interface has none of those; check its first byte.',
      );
    return { by: 'mac', mac };
  }
  if (config.interfaceName !== undefined) {
    // Kernel rule: at most 15 bytes, no slash, colon or white space; no glob signs, which writers would expand.
    if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/.test(config.interfaceName))
      fail(
        'NETWORK_INTERFACE_INVALID',
        `interfaceName: '${config.interfaceName}' is not an interface name`,
        'Names are like eth0 or end0.',
      );
    return { by: 'name', name: config.interfaceName };
  }
  return { by: 'wired' };
}

function integerIn(value: number | undefined, low: number, high: number): boolean {
  return value === undefined || (Number.isInteger(value) && value >= low && value <= high);
}

/**
 * Checks a network configuration and fills in its defaults.
 *
 * @throws LinuxError `NETWORK_*` or `HOSTNAME_INVALID` naming the field, before anything is written.
 */
export function planNetwork(config: NetworkConfig): NetworkPlan {
  checkHostname(config.hostname);
  const cidr4 = config.ipCidr === undefined ? undefined : planAddress(config.ipCidr, 4, 'ipCidr');
  const cidr6 = config.ip6Cidr === undefined ? undefined : planAddress(config.ip6Cidr, 6, 'ip6Cidr');
  const dhcp4 = config.dhcp4 ?? (!cidr4 && !cidr6);
  if (!dhcp4 && !cidr4 && !cidr6)
    fail(
      'NETWORK_ADDRESS_MISSING',
      'the network configuration has neither an address nor DHCP',
      'Give ipCidr, ip6Cidr or dhcp4.',
    );
  const onLink = config.onLink ?? false;
  const gateway4 =
    config.gateway === undefined ? undefined : planGateway(config.gateway, 4, 'gateway', cidr4, onLink);
  const gateway6 =
    config.gateway6 === undefined ? undefined : planGateway(config.gateway6, 6, 'gateway6', cidr6, onLink);
  const dnsServers = (config.dnsServers ?? []).map(
    (text) =>
      parseIpAddress(text) ??
      fail(
        'NETWORK_DNS_INVALID',
        `dnsServers: '${text}' is not an IP address`,
        'Name servers are given by address.',
      ),
  );
  for (const domain of config.searchDomains ?? []) checkDomain(domain);
  const mtuLow = cidr6 ? 1280 : 576; // IPv6 needs 1280 (RFC 8200 section 5)
  if (!integerIn(config.mtu, mtuLow, 9216))
    fail(
      'NETWORK_MTU_INVALID',
      `mtu: ${String(config.mtu)} is not between ${mtuLow} and 9216`,
      'Ethernet uses 1500.',
    );
  if (!integerIn(config.vlan, 1, 4094))
    fail(
      'NETWORK_VLAN_INVALID',
      `vlan: ${String(config.vlan)} is not between 1 and 4094`,
      'See IEEE 802.1Q.',
    );
  return {
    hostname: config.hostname,
    match: planMatch(config),
    addresses: [cidr4, cidr6].filter((cidr) => cidr !== undefined),
    dhcp4,
    acceptRouterAdvertisements: !(cidr6 && gateway6),
    gateway4,
    gateway6,
    onLink,
    dnsServers,
    searchDomains: config.searchDomains ?? [],
    mtu: config.mtu,
    vlan: config.vlan,
  };
}
