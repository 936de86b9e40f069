import { stringify } from 'yaml';
import { formatCidr, type IpAddress } from './ip-address.js';
import type { NetworkPlan } from './network-plan.js';

type Yaml = Record<string, unknown>;

function matchOf(plan: NetworkPlan): Yaml {
  switch (plan.match.by) {
    case 'mac':
      return { match: { macaddress: plan.match.mac } };
    case 'wired':
      return { match: { name: 'e*' } };
    case 'name':
      return {}; // the identifier is the name
  }
}

/** Identifier of our definition: the interface's name where it is known. */
function idOf(plan: NetworkPlan): string {
  return plan.match.by === 'name' ? plan.match.name : 'turingpi';
}

function addressing(plan: NetworkPlan, defaultRoute: 'default' | 'prefix'): Yaml {
  const route = (everywhere: string, gateway: IpAddress | undefined): Yaml[] =>
    gateway === undefined
      ? []
      : [
          {
            to: defaultRoute === 'default' ? 'default' : everywhere,
            via: gateway.text,
            ...(plan.onLink && { 'on-link': true }),
          },
        ];
  const routes = [...route('0.0.0.0/0', plan.gateway4), ...route('::/0', plan.gateway6)];
  const nameservers = {
    ...(plan.dnsServers.length > 0 && { addresses: plan.dnsServers.map(({ text }) => text) }),
    ...(plan.searchDomains.length > 0 && { search: [...plan.searchDomains] }),
  };
  return {
    dhcp4: plan.dhcp4,
    dhcp6: false,
    // Only said where it matters: cloud-init's schema of older releases does not know the key.
    ...(!plan.acceptRouterAdvertisements && { 'accept-ra': false }),
    ...(plan.addresses.length > 0 && { addresses: plan.addresses.map(formatCidr) }),
    ...(routes.length > 0 && { routes }),
    ...(Object.keys(nameservers).length > 0 && { nameservers }),
  };
}

function devices(plan: NetworkPlan, defaultRoute: 'default' | 'prefix'): Yaml {
  const id = idOf(plan);
  const link = { ...matchOf(plan), ...(plan.mtu !== undefined && { mtu: plan.mtu }) };
  if (plan.vlan === undefined) return { ethernets: { [id]: { ...link, ...addressing(plan, defaultRoute) } } };
  return {
    ethernets: { [id]: { ...link, dhcp4: false, dhcp6: false, 'accept-ra': false, 'link-local': [] } },
    vlans: { [`vlan${plan.vlan}`]: { id: plan.vlan, link: id, ...addressing(plan, defaultRoute) } },
  };
}

/**
 * Renders a netplan file: explicit renderer, default routes as routes (`gateway4` is deprecated).
 *
 * @remarks Write it 0600 and root's: netplan complains about anything wider.
 */
export function renderNetplan(plan: NetworkPlan, renderer: 'networkd' | 'NetworkManager'): string {
  return stringify({ network: { version: 2, renderer, ...devices(plan, 'default') } }, { lineWidth: 0 });
}

/** Renders cloud-init's network configuration, version 2, as the NoCloud seed holds it. */
export function renderCloudNetworkConfig(plan: NetworkPlan): string {
  // Renderers other than netplan do not know the word `default`.
  return stringify({ version: 2, ...devices(plan, 'prefix') }, { lineWidth: 0 });
}
