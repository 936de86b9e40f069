import type { NetworkConfig } from '@turingpi/provisioning';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressBits, contains, lastOf, networkOf, parseIpAddress } from './ip-address.js';
import { planNetwork } from './network-plan.js';

const good: NetworkConfig = { hostname: 'node1', ipCidr: '192.168.1.100/24', gateway: '192.168.1.1' };

describe('planNetwork refuses', () => {
  const cases: [string, Partial<NetworkConfig>, string][] = [
    ['an address without prefix length', { ipCidr: '192.168.1.100' }, 'NETWORK_CIDR_INVALID'],
    ['a prefix length over 32', { ipCidr: '192.168.1.100/33' }, 'NETWORK_CIDR_INVALID'],
    ['a netmask for a prefix length', { ipCidr: '192.168.1.100/255.255.255.0' }, 'NETWORK_CIDR_INVALID'],
    ['a prefix length of 0', { ipCidr: '192.168.1.100/0' }, 'NETWORK_CIDR_INVALID'],
    ['two prefix lengths', { ipCidr: '192.168.1.100/24/24' }, 'NETWORK_CIDR_INVALID'],
    ['an octet over 255', { ipCidr: '192.168.1.256/24' }, 'NETWORK_ADDRESS_INVALID'],
    ['an IPv6 address for IPv4', { ipCidr: 'fd00::1/64' }, 'NETWORK_ADDRESS_INVALID'],
    ['the address of the network', { ipCidr: '192.168.1.0/24' }, 'NETWORK_ADDRESS_INVALID'],
    ['the broadcast address', { ipCidr: '192.168.1.255/24' }, 'NETWORK_ADDRESS_INVALID'],
    ['a loopback address', { ipCidr: '127.0.0.2/8' }, 'NETWORK_ADDRESS_INVALID'],
    ['a multicast address', { ipCidr: '239.1.2.3/24' }, 'NETWORK_ADDRESS_INVALID'],
    ['a gateway outside the network', { gateway: '192.168.2.1' }, 'NETWORK_GATEWAY_UNREACHABLE'],
    ['a gateway of a single address', { ipCidr: '192.168.1.100/32' }, 'NETWORK_GATEWAY_UNREACHABLE'],
    [
      "the node's own address as gateway on the wire",
      { gateway: '192.168.1.100', onLink: true },
      'NETWORK_GATEWAY_UNREACHABLE',
    ],
    ['a gateway with prefix length', { gateway: '192.168.1.1/24' }, 'NETWORK_ADDRESS_INVALID'],
    ["the node's own address as gateway", { gateway: '192.168.1.100' }, 'NETWORK_GATEWAY_UNREACHABLE'],
    [
      'an IPv4 address as gateway6',
      { ip6Cidr: 'fd00::5/64', gateway6: '192.168.1.1' },
      'NETWORK_ADDRESS_INVALID',
    ],
    [
      'an IPv6 gateway outside',
      { ip6Cidr: 'fd00::5/64', gateway6: 'fd01::1' },
      'NETWORK_GATEWAY_UNREACHABLE',
    ],
    ['an IPv6 gateway without address', { gateway6: 'fd00::1' }, 'NETWORK_GATEWAY_UNREACHABLE'],
    ['IPv6 without prefix length', { ip6Cidr: 'fd00::5' }, 'NETWORK_CIDR_INVALID'],
    ['IPv6 with two ::', { ip6Cidr: 'fd00::5::1/64' }, 'NETWORK_ADDRESS_INVALID'],
    ['IPv6 with a zone', { ip6Cidr: 'fe80::1%eth0/64' }, 'NETWORK_ADDRESS_INVALID'],
    ['an IPv6 multicast address', { ip6Cidr: 'ff02::1/64' }, 'NETWORK_ADDRESS_INVALID'],
    ['an IPv4-mapped address', { ip6Cidr: '::ffff:192.168.1.1/96' }, 'NETWORK_ADDRESS_INVALID'],
    ['an IPv6 prefix over 128', { ip6Cidr: 'fd00::5/129' }, 'NETWORK_CIDR_INVALID'],
    ['a name as name server', { dnsServers: ['dns.example.org'] }, 'NETWORK_DNS_INVALID'],
    ['a search domain with a space', { searchDomains: ['my lan'] }, 'NETWORK_DOMAIN_INVALID'],
    ['VLAN 0', { vlan: 0 }, 'NETWORK_VLAN_INVALID'],
    ['VLAN 4095', { vlan: 4095 }, 'NETWORK_VLAN_INVALID'],
    ['a VLAN that is no whole number', { vlan: 1.5 }, 'NETWORK_VLAN_INVALID'],
    ['an MTU too small for IPv6', { ip6Cidr: 'fd00::5/64', mtu: 1000 }, 'NETWORK_MTU_INVALID'],
    ['an MTU over jumbo frames', { mtu: 10_000 }, 'NETWORK_MTU_INVALID'],
    ['a short MAC address', { macAddress: 'd8:3a:dd:00:00' }, 'NETWORK_MAC_INVALID'],
    ['a multicast MAC address', { macAddress: '01:00:5e:00:00:01' }, 'NETWORK_MAC_INVALID'],
    ['an interface name with a glob', { interfaceName: 'eth*' }, 'NETWORK_INTERFACE_INVALID'],
    [
      'an interface name of 16 characters',
      { interfaceName: 'a234567890123456' },
      'NETWORK_INTERFACE_INVALID',
    ],
    ['an empty hostname', { hostname: '' }, 'HOSTNAME_INVALID'],
    ['an underscore in the hostname', { hostname: 'my_node' }, 'HOSTNAME_INVALID'],
    ['a hyphen at the end', { hostname: 'node-' }, 'HOSTNAME_INVALID'],
    ['a hostname of digits', { hostname: '1234' }, 'HOSTNAME_INVALID'],
    ['a label of 64 characters', { hostname: 'a'.repeat(64) }, 'HOSTNAME_INVALID'],
    ['a line end in the hostname', { hostname: 'node1\n' }, 'HOSTNAME_INVALID'],
    ['localhost', { hostname: 'localhost' }, 'HOSTNAME_INVALID'],
  ];
  it.each(cases)('%s', (_name, change, code) => {
    expect(() => planNetwork({ ...good, ...change })).toThrow(expect.objectContaining({ code }));
  });

  it('neither address nor DHCP', () => {
    expect(() => planNetwork({ hostname: 'a', dhcp4: false })).toThrow(
      expect.objectContaining({ code: 'NETWORK_ADDRESS_MISSING' }),
    );
  });
});

describe('planNetwork', () => {
  it('asks DHCP only when no address is given', () => {
    expect(planNetwork(good).dhcp4).toBe(false);
    expect(planNetwork({ hostname: 'a' }).dhcp4).toBe(true);
    expect(planNetwork({ hostname: 'a', ip6Cidr: 'fd00::5/64' }).dhcp4).toBe(false);
    expect(planNetwork({ ...good, dhcp4: true }).dhcp4).toBe(true);
  });

  it('takes a link-local IPv6 gateway and a point-to-point network', () => {
    expect(planNetwork({ hostname: 'a', ip6Cidr: 'fd00::5/64', gateway6: 'fe80::1' }).gateway6?.text).toBe(
      'fe80::1',
    );
    expect(planNetwork({ hostname: 'a', ipCidr: '10.0.0.0/31', gateway: '10.0.0.1' }).addresses).toHaveLength(
      1,
    );
  });

  it('takes a gateway outside the network when it is said to be on the wire, and names the key otherwise', () => {
    const outside = { ...good, ipCidr: '192.168.1.100/32', gateway: '10.0.0.1' };
    expect(planNetwork({ ...outside, onLink: true })).toMatchObject({
      onLink: true,
      gateway4: { text: '10.0.0.1' },
    });
    expect(() => planNetwork(outside)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('onLink: true') as string }),
    );
    const outside6 = { hostname: 'a', ip6Cidr: 'fd00::5/64', gateway6: 'fd01::1', onLink: true };
    expect(planNetwork(outside6).gateway6?.text).toBe('fd01::1');
  });

  it('writes a MAC address the way the kernel does', () => {
    expect(planNetwork({ ...good, macAddress: 'D8-3A-DD-00-00-01' }).match).toEqual({
      by: 'mac',
      mac: 'd8:3a:dd:00:00:01',
    });
  });
});

describe('addresses as numbers', () => {
  it('agree with the text for every IPv4 address', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.integer({ min: 1, max: 32 }), (value, prefixLength) => {
        const text = [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
        const address = parseIpAddress(text)!;
        expect(address.value).toBe(BigInt(value));
        const cidr = { address, prefixLength };
        expect(contains(cidr, address)).toBe(true);
        expect(lastOf(cidr) - networkOf(cidr) + 1n).toBe(1n << BigInt(32 - prefixLength));
      }),
    );
  });

  it('agree for every IPv6 address, compressed or not', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 }), (groups) => {
        const full = groups.map((group) => group.toString(16)).join(':');
        const value = groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n);
        expect(parseIpAddress(full)?.value).toBe(value);
        // The URL parser of the platform compresses zeros by the rules of RFC 5952.
        const compressed = new URL(`http://[${full}]/`).hostname.slice(1, -1);
        expect(parseIpAddress(compressed)?.value).toBe(value);
        expect(addressBits(6)).toBe(128);
      }),
    );
  });
});
