import type { ImageFiles } from '@turingpi/image';
import { parse } from 'yaml';

/** An address that the image will configure at boot. */
export interface ConfiguredAddress {
  /** With prefix length, as in the file: `192.168.1.100/24`. */
  readonly address: string;
  /** The file that says so. */
  readonly file: string;
}

type Reader = (text: string) => string[];

const PLACES: readonly { readonly directory: string; readonly file: RegExp; readonly read: Reader }[] = [
  { directory: '/etc/netplan', file: /\.yaml$/, read: netplanAddresses },
  { directory: '/etc/NetworkManager/system-connections', file: /\.nmconnection$/, read: keyfileAddresses },
  { directory: '/etc/systemd/network', file: /\.network$/, read: networkdAddresses },
  { directory: '/etc/network', file: /^interfaces$/, read: ifupdownAddresses },
  { directory: '/etc/network/interfaces.d', file: /^[A-Za-z0-9_-]+$/, read: ifupdownAddresses },
];

/** The static addresses in the network configuration of an image, whichever of the usual systems has them. */
export async function configuredAddresses(root: ImageFiles): Promise<ConfiguredAddress[]> {
  const found: ConfiguredAddress[] = [];
  for (const { directory, file, read } of PLACES) {
    if (!(await root.exists(directory))) continue;
    const names = (await root.list(directory)).filter(
      (entry) => entry.type === 'file' && file.test(entry.name),
    );
    for (const { name } of names.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = `${directory}/${name}`;
      for (const address of read((await root.readText(path)) ?? '')) found.push({ address, file: path });
    }
  }
  return found;
}

function netplanAddresses(text: string): string[] {
  let document: unknown;
  try {
    document = parse(text);
  } catch {
    return []; // netplan would ignore the whole file as well
  }
  const network = member(document, 'network');
  return ['ethernets', 'vlans', 'bridges', 'bonds'].flatMap((kind) =>
    Object.values(asRecord(member(network, kind))).flatMap((device) => {
      const addresses = member(device, 'addresses');
      return Array.isArray(addresses)
        ? addresses
            .map((entry) => (typeof entry === 'string' ? entry : Object.keys(asRecord(entry))[0]))
            .filter(isString)
        : [];
    }),
  );
}

function keyfileAddresses(text: string): string[] {
  return [...text.matchAll(/^address\d*\s*=\s*([^,;\s]+)/gm)].map((match) => match[1]).filter(isString);
}

function networkdAddresses(text: string): string[] {
  return [...text.matchAll(/^Address\s*=\s*(\S+)/gm)].map((match) => match[1]).filter(isString);
}

function ifupdownAddresses(text: string): string[] {
  return text.split(/^(?=\s*iface\s)/m).flatMap((stanza) => {
    if (!/^\s*iface\s+\S+\s+inet6?\s+static/.test(stanza)) return [];
    const address = /^\s*address\s+(\S+)/m.exec(stanza)?.[1];
    const netmask = /^\s*netmask\s+(\S+)/m.exec(stanza)?.[1];
    if (address === undefined || address.includes('/') || netmask === undefined)
      return [address].filter(isString);
    return [`${address}/${prefixLength(netmask)}`];
  });
}

function prefixLength(netmask: string): number {
  if (/^\d+$/.test(netmask)) return Number(netmask);
  const bits = netmask.split('.').map((part) => Number(part).toString(2));
  return bits.join('').replaceAll('0', '').length;
}

function member(value: unknown, key: string): unknown {
  return asRecord(value)[key];
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}
