import type { SystemFiles } from './system-files.js';
import { isMap, parseDocument } from 'yaml';
import type { NetworkStackState } from '../detection/detected-image.js';
import { LinuxError } from '../linux-error.js';
import { enableUnit, isUnitEnabled, unitExists } from '../systemd/units.js';
import { renderIfupdown } from './ifupdown.js';
import { renderNetplan } from './netplan.js';
import type { NetworkPlan } from './network-plan.js';
import { renderKeyfiles } from './network-manager.js';
import { renderNetworkd } from './networkd.js';
import { fileNames, isOurs, setAside } from './replaced-files.js';

const NETPLAN_FILE = '/etc/netplan/60-turingpi.yaml';
/** Kinds of netplan definitions that could claim the wired interface. */
const WIRED_KINDS = ['ethernets', 'vlans', 'bonds', 'bridges', 'nm-devices'] as const;

/** Takes wired definitions out of a netplan file; returns what is left, or undefined when nothing worth keeping is. */
export function withoutWiredDefinitions(text: string): string | undefined {
  const document = parseDocument(text);
  if (document.errors.length > 0 || !isMap(document.contents)) return undefined; // it would break netplan as a whole
  if (!WIRED_KINDS.some((kind) => document.hasIn(['network', kind]))) return text;
  for (const kind of WIRED_KINDS) document.deleteIn(['network', kind]);
  return ['wifis', 'modems', 'tunnels', 'dummy-devices'].some((kind) => document.hasIn(['network', kind]))
    ? document.toString({ lineWidth: 0 })
    : undefined;
}

async function applyNetplan(
  root: SystemFiles,
  plan: NetworkPlan,
  renderer: NetworkStackState['renderer'],
): Promise<void> {
  for (const directory of ['/usr/lib/netplan', '/lib/netplan'])
    for (const name of await fileNames(root, directory)) {
      if (!name.endsWith('.yaml') || (await root.exists(`/etc/netplan/${name}`))) continue;
      const text = (await root.readText(`${directory}/${name}`)) ?? '';
      // A file of the same name in /etc replaces one of a package.
      if (withoutWiredDefinitions(text) !== text)
        await root.writeFile(`/etc/netplan/${name}`, 'network: {version: 2}\n', { mode: 0o600 });
    }
  for (const name of await fileNames(root, '/etc/netplan')) {
    const path = `/etc/netplan/${name}`;
    if (!name.endsWith('.yaml') || path === NETPLAN_FILE) continue;
    const text = (await root.readText(path)) ?? '';
    const rest = withoutWiredDefinitions(text);
    if (rest === undefined) await setAside(root, path);
    else await root.writeFile(path, rest, { mode: 0o600 });
  }
  await root.writeFile(NETPLAN_FILE, renderNetplan(plan, renderer), { mode: 0o600, uid: 0, gid: 0 });
}

async function setAsideProfiles(root: SystemFiles): Promise<void> {
  const directory = '/etc/NetworkManager/system-connections';
  for (const name of await fileNames(root, directory)) {
    const text = (await root.readText(`${directory}/${name}`)) ?? '';
    if (/^type\s*=\s*(ethernet|802-3-ethernet|vlan)\s*$/m.test(text))
      await setAside(root, `${directory}/${name}`);
  }
}

/** ifupdown would ask DHCP beside whoever is in charge, and NetworkManager does not manage what its files name. */
async function clearIfupdown(root: SystemFiles): Promise<void> {
  const wired = /^\s*(auto|allow-hotplug|iface)\s+.*\b(e(th|n)|\/e)/m;
  for (const name of await fileNames(root, '/etc/network/interfaces.d'))
    if (wired.test((await root.readText(`/etc/network/interfaces.d/${name}`)) ?? ''))
      await setAside(root, `/etc/network/interfaces.d/${name}`);
  if (!wired.test((await root.readText('/etc/network/interfaces')) ?? '')) return;
  await setAside(root, '/etc/network/interfaces');
  await root.writeFile('/etc/network/interfaces', 'auto lo\niface lo inet loopback\n');
}

async function applyNetworkManager(root: SystemFiles, plan: NetworkPlan): Promise<void> {
  await setAsideProfiles(root);
  await clearIfupdown(root);
  for (const { fileName, content } of renderKeyfiles(plan))
    await root.writeFile(`/etc/NetworkManager/system-connections/${fileName}`, content, {
      mode: 0o600,
      uid: 0,
      gid: 0,
    });
}

async function applyNetworkd(root: SystemFiles, plan: NetworkPlan): Promise<void> {
  const wired = /^(Name\s*=.*(\be|\*)|Type\s*=.*\bether\b|(Permanent)?MACAddress\s*=|Driver\s*=)/m;
  for (const name of await fileNames(root, '/etc/systemd/network'))
    if (isOurs(name)) await root.remove(`/etc/systemd/network/${name}`);
    else if (
      name.endsWith('.network') &&
      wired.test((await root.readText(`/etc/systemd/network/${name}`)) ?? '')
    )
      await setAside(root, `/etc/systemd/network/${name}`);
  for (const { fileName, content } of renderNetworkd(plan))
    await root.writeFile(`/etc/systemd/network/${fileName}`, content, { mode: 0o644 });
}

async function applyIfupdown(root: SystemFiles, plan: NetworkPlan): Promise<void> {
  const content = renderIfupdown(plan); // may refuse: before anything is moved
  await clearIfupdown(root);
  await root.writeFile('/etc/network/interfaces', `${content}\nsource /etc/network/interfaces.d/*\n`, {
    mode: 0o644,
  });
  if (plan.vlan !== undefined) await root.writeFile('/etc/modules-load.d/turingpi-vlan.conf', '8021q\n');
}

/** Name servers where nobody manages `/etc/resolv.conf`: Debian without systemd-resolved or resolvconf. */
async function applyResolver(root: SystemFiles, plan: NetworkPlan): Promise<void> {
  if (plan.dnsServers.length === 0 || (await isUnitEnabled(root, 'systemd-resolved.service'))) return;
  const stat = await root.lstat('/etc/resolv.conf');
  if (stat?.type === 'symlink' || (await root.exists('/sbin/resolvconf'))) return;
  const search = plan.searchDomains.length > 0 ? [`search ${plan.searchDomains.join(' ')}`] : [];
  const lines = [...search, ...plan.dnsServers.map(({ text }) => `nameserver ${text}`)];
  await root.writeFile('/etc/resolv.conf', `${lines.join('\n')}\n`, { mode: 0o644 });
}

/**
 * Writes the network configuration for the program in charge, and takes away what would compete with it.
 *
 * @throws LinuxError `NETWORK_STACK_UNKNOWN` when nothing in the image could configure a network;
 * `NETWORK_INTERFACE_INVALID` where the program in charge needs the interface's name.
 */
export async function applyNetwork(
  root: SystemFiles,
  plan: NetworkPlan,
  state: NetworkStackState,
): Promise<void> {
  switch (state.stack) {
    case 'netplan':
      await applyNetplan(root, plan, state.renderer);
      await clearIfupdown(root);
      if (state.renderer === 'NetworkManager') {
        await setAsideProfiles(root);
        return;
      }
      await applyResolver(root, plan);
      return;
    case 'network-manager':
      await applyNetworkManager(root, plan);
      return;
    case 'systemd-networkd':
      await clearIfupdown(root);
      await applyNetworkd(root, plan);
      await applyResolver(root, plan);
      return;
    case 'ifupdown':
      await applyIfupdown(root, plan);
      if (!plan.dhcp4) await applyResolver(root, plan);
      return;
    case 'unknown':
      if (!(await unitExists(root, 'systemd-networkd.service')))
        throw new LinuxError(
          'NETWORK_STACK_UNKNOWN',
          `the network of this image cannot be configured: ${state.reason}`,
          {
            hint: 'Use an image with netplan, NetworkManager, systemd-networkd or ifupdown.',
          },
        );
      await enableUnit(root, 'systemd-networkd.service');
      await applyNetworkd(root, plan);
      await applyResolver(root, plan);
  }
}
