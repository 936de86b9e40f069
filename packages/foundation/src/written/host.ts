import { isIP, isIPv6 } from 'node:net';

/** One label of a host name, RFC 1123. */
export const HOST_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** An address or host name as people write it: IPv6 also in the brackets of a URL, which are taken off. */
export function parseHost(text: string): string | undefined {
  const inner = /^\[(.*)\]$/.exec(text)?.[1];
  if (inner !== undefined) return isIPv6(inner) ? inner : undefined;
  return isIP(text) !== 0 || isHostName(text) ? text : undefined;
}

/** A DNS name. One that ends in a number is a mistyped address, as in URLs: `192.168.1.300`. */
function isHostName(value: string): boolean {
  const labels = value.toLowerCase().split('.');
  return (
    value.length <= 253 &&
    labels.every((label) => HOST_LABEL.test(label)) &&
    !/^[0-9]+$/.test(labels.at(-1) ?? '')
  );
}
