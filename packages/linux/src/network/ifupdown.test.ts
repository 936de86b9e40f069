import { describe, expect, it } from 'vitest';
import { renderIfupdown } from './ifupdown.js';
import { planNetwork } from './network-plan.js';
import { staticIpv4 } from './network-variants.fixture.js';

describe('ifupdown', () => {
  it('addresses the only wired interface whatever its name', () => {
    expect(renderIfupdown(planNetwork({ ...staticIpv4, searchDomains: [] }))).toBe(
      'auto lo\niface lo inet loopback\n\nauto /e*/1=turingpi\niface turingpi inet static\n    address 192.168.1.100\n' +
        '    netmask 255.255.255.0\n    gateway 192.168.1.1\n    dns-nameservers 192.168.1.1 fd00:1::53\n',
    );
  });

  it('finds an interface by its MAC address, as interfaces(5) writes that: without a slash before it', () => {
    const text = renderIfupdown(planNetwork({ ...staticIpv4, macAddress: 'D8-3A-DD-00-00-01' }));
    expect(text).toContain('\nauto mac/d8:3a:dd:00:00:01=turingpi\niface turingpi inet static\n');
  });

  it('makes the route of a gateway on the wire by itself: the kernel finds none that leads to it', () => {
    const onLink = { ...staticIpv4, ipCidr: '192.168.1.100/32', gateway: '10.0.0.1', onLink: true };
    const text = renderIfupdown(planNetwork({ ...onLink, ip6Cidr: 'fd00::5/64', gateway6: 'fd01::1' }));
    expect(text).toContain('    netmask 255.255.255.255\n');
    expect(text).toContain('    up ip route replace default via 10.0.0.1 dev $IFACE onlink\n');
    expect(text).toContain('    up ip -6 route replace default via fd01::1 dev $IFACE onlink\n');
    expect(text).not.toMatch(/^\s+gateway/m);
  });

  it('needs a name for a VLAN', () => {
    expect(() => renderIfupdown(planNetwork({ ...staticIpv4, vlan: 7 }))).toThrow(
      expect.objectContaining({ code: 'NETWORK_INTERFACE_INVALID' }),
    );
  });

  it('makes a VLAN by itself, and once: without the package `vlan` nobody reads `vlan-raw-device`', () => {
    const vlan = { ...staticIpv4, vlan: 7, interfaceName: 'eth0', ip6Cidr: 'fd00::5/64' };
    const [, port, v4, v6] = renderIfupdown(planNetwork(vlan))
      .split(/(?=^iface)/m)
      .slice(1);
    expect(port).toContain('iface eth0 inet manual\n');
    for (const stanza of [v4, v6])
      expect(stanza).toContain(
        '    pre-up ip link show dev vlan7 >/dev/null 2>&1 || ip link add link eth0 name vlan7 type vlan id 7\n',
      );
    // By then the addresses of both families are gone.
    expect(v4).not.toContain('post-down');
    expect(v6).toMatch(/ {4}post-down ip link delete dev vlan7\n$/);
  });
});
