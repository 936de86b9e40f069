import type { SystemFiles } from '../network/system-files.js';
import { parse } from 'yaml';
import { isUnitEnabled } from '../systemd/units.js';
import type { NetworkStackState } from './detected-image.js';

const NETPLAN_DIRECTORIES = ['/etc/netplan', '/usr/lib/netplan', '/lib/netplan'] as const;

async function anyExists(root: SystemFiles, paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if (await root.exists(path)) return path;
  return undefined;
}

/** The renderer that the image's own netplan files name; the last one said wins, as in netplan. */
async function statedRenderer(root: SystemFiles): Promise<'networkd' | 'NetworkManager' | undefined> {
  const files = new Map<string, string>();
  for (const directory of [...NETPLAN_DIRECTORIES].reverse())
    if (await root.exists(directory))
      for (const { name } of await root.list(directory))
        if (name.endsWith('.yaml')) files.set(name, `${directory}/${name}`);
  let renderer: 'networkd' | 'NetworkManager' | undefined;
  for (const name of [...files.keys()].sort()) {
    try {
      const content: unknown = parse((await root.readText(files.get(name) ?? '')) ?? '');
      const stated = (content as { network?: { renderer?: unknown } } | null)?.network?.renderer;
      if (stated === 'networkd' || stated === 'NetworkManager') renderer = stated;
    } catch {
      continue; // netplan itself will complain about it; it says nothing to us
    }
  }
  return renderer;
}

/** Finds out which program configures the network of this system. */
export async function detectNetwork(root: SystemFiles): Promise<NetworkStackState> {
  const networkManager = await isUnitEnabled(root, 'NetworkManager.service');
  const networkd = await isUnitEnabled(root, 'systemd-networkd.service');
  const netplan = await anyExists(root, [
    '/usr/sbin/netplan',
    '/usr/bin/netplan',
    '/sbin/netplan',
    '/usr/libexec/netplan/generate',
    '/usr/lib/netplan/generate',
    '/lib/netplan/generate',
  ]);
  if (netplan !== undefined) {
    const stated = await statedRenderer(root);
    const renderer = stated ?? (networkManager && !networkd ? 'NetworkManager' : 'networkd');
    const why = stated
      ? `its files name ${stated}`
      : networkManager
        ? 'NetworkManager is enabled'
        : 'the default';
    return { stack: 'netplan', renderer, reason: `${netplan} is installed; renderer ${renderer}: ${why}` };
  }
  if (networkManager)
    return {
      stack: 'network-manager',
      renderer: 'NetworkManager',
      reason: 'NetworkManager.service is enabled, no netplan',
    };
  if (networkd)
    return {
      stack: 'systemd-networkd',
      renderer: 'networkd',
      reason: 'systemd-networkd.service is enabled, no netplan',
    };
  const ifup = await anyExists(root, ['/usr/sbin/ifup', '/sbin/ifup']);
  if (ifup !== undefined || (await root.exists('/etc/network/interfaces')))
    return {
      stack: 'ifupdown',
      renderer: 'networkd',
      reason: `${ifup ?? '/etc/network/interfaces'} is there, and neither netplan, NetworkManager nor systemd-networkd is in charge`,
    };
  return {
    stack: 'unknown',
    renderer: 'networkd',
    reason: 'neither netplan, NetworkManager, systemd-networkd nor ifupdown was found',
  };
}
