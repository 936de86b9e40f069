import { readFile } from 'node:fs/promises';
import { normalizeMac } from './board-id.js';

/**
 * The MAC address behind an IPv4 address on this computer's own network, as its kernel has learnt it.
 *
 * @returns undefined on other systems than Linux, and for what is behind a router
 */
export async function neighbourMac(address: string): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  const table = await readFile('/proc/net/arp', 'utf8').catch(() => '');
  return macInTable(table, address);
}

/** Finds an address in the kernel's table: a line each, with address, type, flags, MAC address, mask and device. */
export function macInTable(table: string, address: string): string | undefined {
  const wanted = address.replace(/^::ffff:/, '');
  for (const line of table.split('\n')) {
    const [ip, , , mac] = line.trim().split(/\s+/);
    if (ip === wanted && mac !== undefined) return normalizeMac(mac);
  }
  return undefined;
}
