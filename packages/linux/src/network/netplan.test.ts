import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { renderCloudNetworkConfig, renderNetplan } from './netplan.js';
import { planNetwork } from './network-plan.js';
import { networkVariants, staticIpv4 } from './network-variants.fixture.js';

describe('netplan', () => {
  it.each(networkVariants)('%s: never says gateway4 and names its renderer', (_name, config) => {
    const text = renderNetplan(planNetwork(config), 'networkd');
    expect(text).not.toMatch(/gateway[46]/);
    expect(parse(text)).toMatchObject({ network: { version: 2, renderer: 'networkd' } });
  });
});

describe("cloud-init's network configuration", () => {
  it('is version 2 with routes in prefix form, which all its renderers know', () => {
    expect(parse(renderCloudNetworkConfig(planNetwork(staticIpv4)))).toEqual({
      version: 2,
      ethernets: {
        turingpi: {
          match: { name: 'e*' },
          dhcp4: false,
          dhcp6: false,
          addresses: ['192.168.1.100/24'],
          routes: [{ to: '0.0.0.0/0', via: '192.168.1.1' }],
          nameservers: { addresses: ['192.168.1.1', 'fd00:1::53'], search: ['lan', 'example.org'] },
        },
      },
    });
  });
});
