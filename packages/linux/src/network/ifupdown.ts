import { LinuxError } from '../linux-error.js';
import { dottedNetmask, formatCidr, type IpAddress } from './ip-address.js';
import type { NetworkPlan } from './network-plan.js';

/** ifupdown adds the route of `gateway` as any other, and the kernel then refuses one to where no route leads. */
function defaultRoute(gateway: IpAddress | undefined, onLink: boolean): string[] {
  if (gateway === undefined) return [];
  if (!onLink) return [`gateway ${gateway.text}`];
  const family = gateway.family === 4 ? '' : '-6 ';
  return [`up ip ${family}route replace default via ${gateway.text} dev $IFACE onlink`];
}

/**
 * Renders `/etc/network/interfaces` for ifupdown, the loopback included.
 *
 * @throws LinuxError `NETWORK_INTERFACE_INVALID` for a VLAN on an interface whose name is not given.
 * @remarks An unknown interface name is a pattern with a logical name (interfaces(5)): the first match of `e*`.
 */
export function renderIfupdown(plan: NetworkPlan): string {
  const known = plan.match.by === 'name' ? plan.match.name : undefined;
  if (plan.vlan !== undefined && known === undefined)
    throw new LinuxError(
      'NETWORK_INTERFACE_INVALID',
      'a VLAN under ifupdown needs the name of its interface',
      {
        hint: 'Give interfaceName, for example eth0 or end0.',
      },
    );
  const logical = known ?? 'turingpi';
  const auto =
    plan.match.by === 'mac' ? `auto mac/${plan.match.mac}=turingpi` : `auto ${known ?? '/e*/1=turingpi'}`;
  const v4 = plan.addresses.find(({ address }) => address.family === 4);
  const v6 = plan.addresses.find(({ address }) => address.family === 6);
  const dns = [
    ...(plan.dnsServers.length > 0
      ? [`dns-nameservers ${plan.dnsServers.map(({ text }) => text).join(' ')}`]
      : []),
    ...(plan.searchDomains.length > 0 ? [`dns-search ${plan.searchDomains.join(' ')}`] : []),
  ];
  const mtu = plan.mtu === undefined ? [] : [`mtu ${plan.mtu}`];
  const stanzas: string[][] = [];
  // A VLAN is an interface of its own. `vlan-raw-device` would need the package `vlan`, and ifupdown's own names, as in
  // `eth0.42`, are too long for some ports.
  const name = plan.vlan === undefined ? logical : `vlan${plan.vlan}`;
  const make = `ip link add link ${logical} name ${name} type vlan id ${plan.vlan}`;
  const made = plan.vlan === undefined ? [] : [`pre-up ip link show dev ${name} >/dev/null 2>&1 || ${make}`];
  if (plan.vlan !== undefined) stanzas.push([auto, `iface ${logical} inet manual`, ...mtu], [`auto ${name}`]);
  else stanzas.push([auto]);
  const add = (head: string, lines: string[]): void => void stanzas.push([head, ...made, ...lines]);
  if (plan.dhcp4) add(`iface ${name} inet dhcp`, v4 ? [] : [...mtu, ...dns]);
  if (v4)
    add(`iface ${name} inet static`, [
      `address ${v4.address.text}`,
      `netmask ${dottedNetmask(v4.prefixLength)}`,
      ...defaultRoute(plan.gateway4, plan.onLink),
      ...mtu,
      ...dns,
    ]);
  if (v6)
    add(`iface ${name} inet6 static`, [
      `address ${formatCidr(v6)}`,
      ...defaultRoute(plan.gateway6, plan.onLink),
      `accept_ra ${plan.acceptRouterAdvertisements ? '1' : '0'}`,
      ...(v4 ? [] : [...mtu, ...dns]),
    ]);
  if (plan.vlan !== undefined) stanzas.at(-1)?.push(`post-down ip link delete dev ${name}`);
  const body = stanzas.map(([head, ...rest]) =>
    [head, ...rest.map((line) => (line.startsWith('iface') ? line : `    ${line}`))].join('\n'),
  );
  return `auto lo\niface lo inet loopback\n\n${body.join('\n')}\n`;
}
