import { formatCidr } from './ip-address.js';
import type { NetworkPlan } from './network-plan.js';

/** One file for `/etc/systemd/network`. */
export interface NetworkdFile {
  readonly fileName: string;
  readonly content: string;
}

function addressing(plan: NetworkPlan): string[] {
  const gateways = [plan.gateway4, plan.gateway6].filter((gateway) => gateway !== undefined);
  return [
    ...plan.addresses.map((cidr) => `Address=${formatCidr(cidr)}`),
    ...(plan.onLink ? [] : gateways.map(({ text }) => `Gateway=${text}`)),
    ...plan.dnsServers.map(({ text }) => `DNS=${text}`),
    ...(plan.searchDomains.length > 0 ? [`Domains=${plan.searchDomains.join(' ')}`] : []),
    `DHCP=${plan.dhcp4 ? 'ipv4' : 'no'}`,
    `IPv6AcceptRA=${plan.acceptRouterAdvertisements ? 'yes' : 'no'}`,
    ...(plan.onLink
      ? gateways.flatMap(({ text }) => ['', '[Route]', `Gateway=${text}`, 'GatewayOnLink=yes'])
      : []),
  ];
}

/** Renders systemd-networkd files; `10-` sorts before what images ship, and the first match wins. */
export function renderNetworkd(plan: NetworkPlan): readonly NetworkdFile[] {
  const match =
    plan.match.by === 'mac'
      ? [`MACAddress=${plan.match.mac}`, 'Type=ether'] // a VLAN on top has the same MAC address
      : [`Name=${plan.match.by === 'name' ? plan.match.name : 'e*'}`];
  const link = plan.mtu === undefined ? [] : ['', '[Link]', `MTUBytes=${plan.mtu}`];
  const text = (lines: readonly string[]): string => `${lines.join('\n')}\n`;
  const network = ['[Match]', ...match, ...link, '', '[Network]'];
  if (plan.vlan === undefined)
    return [{ fileName: '10-turingpi.network', content: text([...network, ...addressing(plan)]) }];
  const name = `vlan${plan.vlan}`;
  return [
    {
      fileName: '10-turingpi.network',
      content: text([...network, `VLAN=${name}`, 'DHCP=no', 'IPv6AcceptRA=no', 'LinkLocalAddressing=no']),
    },
    {
      fileName: `10-turingpi-${name}.netdev`,
      content: text(['[NetDev]', `Name=${name}`, 'Kind=vlan', '', '[VLAN]', `Id=${plan.vlan}`]),
    },
    {
      fileName: `10-turingpi-${name}.network`,
      content: text(['[Match]', `Name=${name}`, '', '[Network]', ...addressing(plan)]),
    },
  ];
}
