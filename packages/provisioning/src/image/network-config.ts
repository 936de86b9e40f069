/** The network of one node. At least one address, or DHCP. */
export interface NetworkConfig {
  /** Static IPv4 address with prefix length, for example `192.168.1.100/24`. */
  readonly ipCidr?: string;
  /** Static IPv6 address with prefix length. */
  readonly ip6Cidr?: string;
  /** Asks a DHCP server instead of, or beside, a static address. Default: only when no address is given. */
  readonly dhcp4?: boolean;
  readonly hostname: string;
  readonly gateway?: string;
  readonly gateway6?: string;
  /** The gateways are on the same wire although they are in another network than the address. */
  readonly onLink?: boolean;
  readonly dnsServers?: readonly string[];
  readonly searchDomains?: readonly string[];
  /** Bytes. */
  readonly mtu?: number;
  /** Tags the traffic with this VLAN (1-4094); the address is then on the VLAN. */
  readonly vlan?: number;
  /** Only the interface with this MAC address. Default: the node's one wired interface. */
  readonly macAddress?: string;
  /** The interface's name, where it is known and matters (`eth0`, `end0`). */
  readonly interfaceName?: string;
}
