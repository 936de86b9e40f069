import { describe, expect, it } from 'vitest';
import { renderKeyfiles } from './network-manager.js';
import { planNetwork } from './network-plan.js';
import { staticIpv4 } from './network-variants.fixture.js';

describe('NetworkManager keyfiles', () => {
  it('hold the static address, win over shipped profiles and match any wired name', () => {
    const [profile, ...more] = renderKeyfiles(planNetwork(staticIpv4));
    expect(more).toEqual([]);
    expect(profile?.fileName).toBe('turingpi.nmconnection');
    expect(profile?.content).toContain('[match]\ninterface-name=e*;\n');
    expect(profile?.content).toContain(
      '[ipv4]\nmethod=manual\naddress1=192.168.1.100/24\ngateway=192.168.1.1\ndns=192.168.1.1;\ndns-search=lan;example.org;\n',
    );
    expect(profile?.content).toContain('[ipv6]\nmethod=auto\ndns=fd00:1::53;\n');
    expect(profile?.content).toMatch(
      /^uuid=[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/m,
    );
    expect(profile?.content).toContain('autoconnect-priority=100');
  });

  it('reach a gateway on the wire by a route that says so', () => {
    const onLink = { ...staticIpv4, gateway: '10.0.0.1', onLink: true };
    const both = { ...onLink, ip6Cidr: 'fd00::5/64', gateway6: 'fd01::1' };
    const [profile] = renderKeyfiles(planNetwork(both));
    expect(profile?.content).toContain('route1=0.0.0.0/0,10.0.0.1\nroute1_options=onlink=true\n');
    expect(profile?.content).toContain('route1=::/0,fd01::1\nroute1_options=onlink=true\n');
    expect(profile?.content).not.toMatch(/^gateway=/m);
  });

  it('put a VLAN on top of an unaddressed parent', () => {
    const [parent, vlan] = renderKeyfiles(planNetwork({ ...staticIpv4, vlan: 42 }));
    expect(parent?.content).toContain('[ipv4]\nmethod=disabled\n');
    const uuid = /^uuid=(.*)$/m.exec(parent?.content ?? '')?.[1];
    expect(vlan?.content).toContain(`[vlan]\nid=42\nparent=${uuid}\n`);
    expect(vlan?.content).toContain('address1=192.168.1.100/24');
  });

  it('turn IPv4 off where only IPv6 is asked for', () => {
    const [profile] = renderKeyfiles(
      planNetwork({ hostname: 'a', ip6Cidr: 'fd00::5/64', gateway6: 'fd00::1' }),
    );
    expect(profile?.content).toContain('[ipv4]\nmethod=disabled\n');
    expect(profile?.content).toContain('[ipv6]\nmethod=manual\naddress1=fd00::5/64\ngateway=fd00::1\n');
  });
});
