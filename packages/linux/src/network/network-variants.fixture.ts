import type { NetworkConfig } from '@turingpi/provisioning';

/** A static address, its gateway, servers of names and search domains. */
export const staticIpv4: NetworkConfig = {
  hostname: 'node1',
  ipCidr: '192.168.1.100/24',
  gateway: '192.168.1.1',
  dnsServers: ['192.168.1.1', 'fd00:1::53'],
  searchDomains: ['lan', 'example.org'],
};
/** Every way to address a node that is written differently. */
export const networkVariants: [string, NetworkConfig][] = [
  ['static IPv4', staticIpv4],
  ['static IPv4 and IPv6', { ...staticIpv4, ip6Cidr: 'fd00:1::100/64', gateway6: 'fd00:1::1' }],
  ['IPv6 only', { hostname: 'a', ip6Cidr: 'fd00:1::100/64', gateway6: 'fe80::1' }],
  ['DHCP', { hostname: 'a' }],
  ['DHCP beside a static address', { ...staticIpv4, dhcp4: true }],
  ['VLAN', { ...staticIpv4, vlan: 42, mtu: 1400, interfaceName: 'eth0' }],
  ['MAC address and MTU', { ...staticIpv4, macAddress: 'd8:3a:dd:00:00:01', mtu: 9000 }],
  ['a gateway on the wire', { ...staticIpv4, ipCidr: '192.168.1.100/32', gateway: '10.0.0.1', onLink: true }],
  [
    'gateways on the wire, of both families',
    { ...staticIpv4, gateway: '10.0.0.1', ip6Cidr: 'fd00:1::100/64', gateway6: 'fd00:2::1', onLink: true },
  ],
  ['a point-to-point link', { ...staticIpv4, ipCidr: '10.0.0.0/31', gateway: '10.0.0.1' }],
  ['interface name', { ...staticIpv4, interfaceName: 'end0' }],
];
