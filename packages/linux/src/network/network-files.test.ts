import { chmodSync, mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NetworkConfig } from '@turingpi/core/plugin';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { runProgram, systemProgram } from './system-program.fixture.js';
import { renderIfupdown } from './ifupdown.js';
import { renderCloudNetworkConfig, renderNetplan } from './netplan.js';
import { renderKeyfiles } from './network-manager.js';
import { planNetwork } from './network-plan.js';
import { renderNetworkd } from './networkd.js';

const base: NetworkConfig = {
  hostname: 'node1',
  ipCidr: '192.168.1.100/24',
  gateway: '192.168.1.1',
  dnsServers: ['192.168.1.1', 'fd00:1::53'],
  searchDomains: ['lan', 'example.org'],
};
const variants: [string, NetworkConfig][] = [
  ['static IPv4', base],
  ['static IPv4 and IPv6', { ...base, ip6Cidr: 'fd00:1::100/64', gateway6: 'fd00:1::1' }],
  ['IPv6 only', { hostname: 'a', ip6Cidr: 'fd00:1::100/64', gateway6: 'fe80::1' }],
  ['DHCP', { hostname: 'a' }],
  ['DHCP beside a static address', { ...base, dhcp4: true }],
  ['VLAN', { ...base, vlan: 42, mtu: 1400, interfaceName: 'eth0' }],
  ['MAC address and MTU', { ...base, macAddress: 'd8:3a:dd:00:00:01', mtu: 9000 }],
  ['interface name', { ...base, interfaceName: 'end0' }],
];

describe('netplan', () => {
  const netplan = systemProgram('netplan');
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'turingpi-netplan-'));
    mkdirSync(join(root, 'etc/netplan'), { recursive: true });
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function generate(text: string): { output: string; files: Map<string, string> } {
    writeFileSync(join(root, 'etc/netplan/60-turingpi.yaml'), text, { mode: 0o600 });
    const { exitCode, output } = runProgram(netplan!, ['generate', '--root-dir', root]);
    expect(output).toBe('');
    expect(exitCode).toBe(0);
    const files = new Map<string, string>();
    for (const directory of ['run/systemd/network', 'run/NetworkManager/system-connections'])
      try {
        for (const name of readdirSync(join(root, directory)))
          files.set(name, readFileSync(join(root, directory, name), 'utf8'));
      } catch {
        continue; // the other renderer's directory
      }
    return { output, files };
  }

  it.each(variants)('%s: never says gateway4 and names its renderer', (_name, config) => {
    const text = renderNetplan(planNetwork(config), 'networkd');
    expect(text).not.toMatch(/gateway[46]/);
    expect(parse(text)).toMatchObject({ network: { version: 2, renderer: 'networkd' } });
  });

  it.skipIf(!netplan).each(variants)('%s: accepted by the real netplan for networkd', (_name, config) => {
    const { files } = generate(renderNetplan(planNetwork(config), 'networkd'));
    const all = [...files.values()].join('\n');
    for (const address of [config.ipCidr, config.ip6Cidr])
      if (address !== undefined) expect(all).toContain(`Address=${address}`);
    for (const gateway of [config.gateway, config.gateway6])
      if (gateway !== undefined) expect(all).toContain(`Gateway=${gateway}`);
    expect(all.includes('DHCP=ipv4')).toBe(
      config.dhcp4 ?? (config.ipCidr === undefined && config.ip6Cidr === undefined),
    );
  });

  it.skipIf(!netplan).each(variants)(
    '%s: accepted by the real netplan for NetworkManager',
    (_name, config) => {
      const { files } = generate(renderNetplan(planNetwork(config), 'NetworkManager'));
      const all = [...files.values()].join('\n');
      if (config.ipCidr !== undefined) expect(all).toContain(config.ipCidr);
    },
  );
});

describe("cloud-init's network configuration", () => {
  it('is version 2 with routes in prefix form, which all its renderers know', () => {
    expect(parse(renderCloudNetworkConfig(planNetwork(base)))).toEqual({
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

describe("cloud-init's own reading of it", () => {
  const cloudInit = systemProgram('cloud-init');
  const netplan = systemProgram('netplan');
  it.skipIf(!cloudInit || !netplan).each(variants)(
    '%s: becomes a netplan file that netplan takes',
    (_name, config) => {
      const root = mkdtempSync(join(tmpdir(), 'turingpi-net-convert-'));
      try {
        const seed = join(root, 'network-config');
        writeFileSync(seed, renderCloudNetworkConfig(planNetwork(config)));
        const from = ['--network-data', seed, '--kind', 'yaml'];
        const to = ['--directory', root, '--distro', 'ubuntu', '--output-kind', 'netplan'];
        const converted = runProgram(cloudInit!, ['devel', 'net-convert', ...from, ...to]);
        expect(converted).toMatchObject({ exitCode: 0 });
        chmodSync(join(root, 'etc/netplan/50-cloud-init.yaml'), 0o600); // as newer releases make it
        const generated = runProgram(netplan!, ['generate', '--root-dir', root]);
        expect(generated).toEqual({ exitCode: 0, output: '' });
        const directory = join(root, 'run/systemd/network');
        const all = readdirSync(directory).map((name) => readFileSync(join(directory, name), 'utf8'));
        for (const address of [config.ipCidr, config.ip6Cidr])
          if (address !== undefined) expect(all.join('')).toContain(`Address=${address}`);
        for (const gateway of [config.gateway, config.gateway6])
          if (gateway !== undefined) expect(all.join('')).toContain(`Gateway=${gateway}`);
      } finally {
        rmSync(root, { recursive: true, force: true });
      }
    },
  );
});

describe('NetworkManager keyfiles', () => {
  it('hold the static address, win over shipped profiles and match any wired name', () => {
    const [profile, ...more] = renderKeyfiles(planNetwork(base));
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

  it('put a VLAN on top of an unaddressed parent', () => {
    const [parent, vlan] = renderKeyfiles(planNetwork({ ...base, vlan: 42 }));
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

describe('systemd-networkd files', () => {
  it('hold the static address and refuse DHCP', () => {
    expect(renderNetworkd(planNetwork({ ...base, mtu: 1400 }))).toEqual([
      {
        fileName: '10-turingpi.network',
        content:
          '[Match]\nName=e*\n\n[Link]\nMTUBytes=1400\n\n[Network]\nAddress=192.168.1.100/24\nGateway=192.168.1.1\n' +
          'DNS=192.168.1.1\nDNS=fd00:1::53\nDomains=lan example.org\nDHCP=no\nIPv6AcceptRA=yes\n',
      },
    ]);
  });

  it('bring a netdev for a VLAN', () => {
    const files = renderNetworkd(planNetwork({ ...base, vlan: 7 }));
    expect(files.map(({ fileName }) => fileName)).toEqual([
      '10-turingpi.network',
      '10-turingpi-vlan7.netdev',
      '10-turingpi-vlan7.network',
    ]);
    expect(files[0]?.content).toContain('VLAN=vlan7');
    expect(files[0]?.content).not.toContain('192.168.1.100');
  });
});

describe('ifupdown', () => {
  it('addresses the only wired interface whatever its name', () => {
    expect(renderIfupdown(planNetwork({ ...base, searchDomains: [] }))).toBe(
      'auto lo\niface lo inet loopback\n\nauto /e*/1=turingpi\niface turingpi inet static\n    address 192.168.1.100\n' +
        '    netmask 255.255.255.0\n    gateway 192.168.1.1\n    dns-nameservers 192.168.1.1 fd00:1::53\n',
    );
  });

  it('finds an interface by its MAC address, as interfaces(5) writes that: without a slash before it', () => {
    const text = renderIfupdown(planNetwork({ ...base, macAddress: 'D8-3A-DD-00-00-01' }));
    expect(text).toContain('\nauto mac/d8:3a:dd:00:00:01=turingpi\niface turingpi inet static\n');
  });

  it('needs a name for a VLAN', () => {
    expect(() => renderIfupdown(planNetwork({ ...base, vlan: 7 }))).toThrow(
      expect.objectContaining({ code: 'NETWORK_INTERFACE_INVALID' }),
    );
    expect(renderIfupdown(planNetwork({ ...base, vlan: 7, interfaceName: 'eth0' }))).toContain(
      'iface vlan7 inet static\n    vlan-raw-device eth0\n',
    );
  });
});
