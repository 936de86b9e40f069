import { describe, expect, it } from 'vitest';
import { planNetwork } from './network-plan.js';
import { staticIpv4 } from './network-variants.fixture.js';
import { renderNetworkd } from './networkd.js';

describe('systemd-networkd files', () => {
  it('hold the static address and refuse DHCP', () => {
    expect(renderNetworkd(planNetwork({ ...staticIpv4, mtu: 1400 }))).toEqual([
      {
        fileName: '10-turingpi.network',
        content:
          '[Match]\nName=e*\n\n[Link]\nMTUBytes=1400\n\n[Network]\nAddress=192.168.1.100/24\nGateway=192.168.1.1\n' +
          'DNS=192.168.1.1\nDNS=fd00:1::53\nDomains=lan example.org\nDHCP=no\nIPv6AcceptRA=yes\n',
      },
    ]);
  });

  it('say of a gateway on the wire that it is, also where that is a VLAN', () => {
    const onLink = { ...staticIpv4, gateway: '10.0.0.1', onLink: true };
    for (const plan of [planNetwork(onLink), planNetwork({ ...onLink, vlan: 7 })]) {
      const content = renderNetworkd(plan).at(-1)?.content;
      expect(content).toMatch(/\n\[Route\]\nGateway=10\.0\.0\.1\nGatewayOnLink=yes\n$/);
      expect(content?.match(/Gateway=/g)).toHaveLength(1);
    }
  });

  it('bring a netdev for a VLAN', () => {
    const files = renderNetworkd(planNetwork({ ...staticIpv4, vlan: 7 }));
    expect(files.map(({ fileName }) => fileName)).toEqual([
      '10-turingpi.network',
      '10-turingpi-vlan7.netdev',
      '10-turingpi-vlan7.network',
    ]);
    expect(files[0]?.content).toContain('VLAN=vlan7');
    expect(files[0]?.content).not.toContain('192.168.1.100');
  });
});
