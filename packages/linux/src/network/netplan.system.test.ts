import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { renderCloudNetworkConfig, renderNetplan } from './netplan.js';
import { planNetwork } from './network-plan.js';
import { networkVariants } from './network-variants.fixture.js';
import { runProgram, systemProgram } from './system-program.fixture.js';

describe('the real netplan', () => {
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

  it.skipIf(!netplan).each(networkVariants)(
    '%s: accepted by the real netplan for networkd',
    (_name, config) => {
      const { files } = generate(renderNetplan(planNetwork(config), 'networkd'));
      const all = [...files.values()].join('\n');
      for (const address of [config.ipCidr, config.ip6Cidr])
        if (address !== undefined) expect(all).toContain(`Address=${address}`);
      for (const gateway of [config.gateway, config.gateway6])
        if (gateway !== undefined) expect(all).toContain(`Gateway=${gateway}`);
      expect(all.includes('DHCP=ipv4')).toBe(
        config.dhcp4 ?? (config.ipCidr === undefined && config.ip6Cidr === undefined),
      );
    },
  );

  it.skipIf(!netplan).each(networkVariants)(
    '%s: accepted by the real netplan for NetworkManager',
    (_name, config) => {
      const { files } = generate(renderNetplan(planNetwork(config), 'NetworkManager'));
      const all = [...files.values()].join('\n');
      if (config.ipCidr !== undefined) expect(all).toContain(config.ipCidr);
    },
  );
});

describe("cloud-init's own reading of it", () => {
  const cloudInit = systemProgram('cloud-init');
  const netplan = systemProgram('netplan');
  it.skipIf(!cloudInit || !netplan).each(networkVariants)(
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
