import { createHash } from 'node:crypto';
import { formatCidr, type IpAddress } from './ip-address.js';
import type { NetworkPlan } from './network-plan.js';

/** One NetworkManager profile: file name in `/etc/NetworkManager/system-connections` and content. */
export interface Keyfile {
  readonly fileName: string;
  readonly content: string;
}

/** A UUID that is the same for the same name, in the form of version 5. */
function uuidOf(name: string): string {
  const hex = createHash('sha1').update(`turingpi:${name}`).digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(18, 20)}-${hex.slice(20, 32)}`;
}

function section(name: string, entries: Readonly<Record<string, string | number | undefined>>): string {
  const lines = Object.entries(entries).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${value}`],
  );
  return `[${name}]\n${lines.map((line) => `${line}\n`).join('')}`;
}

function list(items: readonly string[]): string | undefined {
  return items.length > 0 ? `${items.join(';')};` : undefined;
}

/** NetworkManager's `gateway` must be in a network of the profile's; a route may say otherwise. */
function onLinkRoute(gateway: IpAddress | undefined): Readonly<Record<string, string>> {
  if (gateway === undefined) return {};
  const everywhere = gateway.family === 4 ? '0.0.0.0/0' : '::/0';
  return { route1: `${everywhere},${gateway.text}`, route1_options: 'onlink=true' };
}

function ip(plan: NetworkPlan, family: 4 | 6): string {
  const own = plan.addresses.filter(({ address }) => address.family === family);
  const gateway = family === 4 ? plan.gateway4 : plan.gateway6;
  const auto = family === 4 ? plan.dhcp4 : plan.acceptRouterAdvertisements;
  const addresses = own.map((cidr, index) => [`address${index + 1}`, formatCidr(cidr)] as const);
  return section(`ipv${family}`, {
    method: auto ? 'auto' : own.length > 0 ? 'manual' : family === 4 ? 'disabled' : 'link-local',
    ...Object.fromEntries(addresses),
    ...(plan.onLink ? onLinkRoute(gateway) : { gateway: gateway?.text }),
    dns: list(plan.dnsServers.filter((server) => server.family === family).map(({ text }) => text)),
    'dns-search': list(plan.searchDomains),
    // A static address is usable at once, whatever DHCP or a router does or does not say.
    ...(family === 6 && { 'may-fail': 'true', 'addr-gen-mode': 'eui64' }),
  });
}

/**
 * Renders NetworkManager profiles in keyfile format.
 *
 * @remarks NetworkManager ignores profiles that are not root's and 0600.
 */
export function renderKeyfiles(plan: NetworkPlan): readonly Keyfile[] {
  const ethernet = (addressed: boolean): Keyfile => ({
    fileName: 'turingpi.nmconnection',
    content: [
      section('connection', {
        id: 'turingpi',
        uuid: uuidOf('ethernet'),
        type: 'ethernet',
        'interface-name': plan.match.by === 'name' ? plan.match.name : undefined,
        autoconnect: 'true',
        'autoconnect-priority': 100, // above the profile that NetworkManager makes by itself (-999) and shipped ones (0)
      }),
      ...(plan.match.by === 'wired' ? [section('match', { 'interface-name': 'e*;' })] : []),
      section('ethernet', {
        'mac-address': plan.match.by === 'mac' ? plan.match.mac : undefined,
        mtu: plan.mtu,
      }),
      ...(addressed
        ? [ip(plan, 4), ip(plan, 6)]
        : [section('ipv4', { method: 'disabled' }), section('ipv6', { method: 'disabled' })]),
    ].join('\n'),
  });
  if (plan.vlan === undefined) return [ethernet(true)];
  return [
    ethernet(false),
    {
      fileName: `turingpi-vlan${plan.vlan}.nmconnection`,
      content: [
        section('connection', {
          id: `turingpi-vlan${plan.vlan}`,
          uuid: uuidOf(`vlan${plan.vlan}`),
          type: 'vlan',
          'interface-name': `vlan${plan.vlan}`,
          autoconnect: 'true',
          'autoconnect-priority': 100,
        }),
        section('vlan', { id: plan.vlan, parent: uuidOf('ethernet') }),
        ip(plan, 4),
        ip(plan, 6),
      ].join('\n'),
    },
  ];
}
