import { isIP, isIPv6 } from 'node:net';

/** One label of a host name, RFC 1123. */
export const HOST_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** A URL that names nothing but a host: with a port, a user or a path it would mean more than is taken from it. */
const URL_OF_HOST = /^(?:https:\/\/([^/?#@]*?)(?::443)?|http:\/\/([^/?#@]*?)(?::80)?)\/?$/i;

/**
 * An address or host name as people write it. IPv6 may be in the brackets of a URL, which are taken off, and name the
 * interface of a link-local address (`fe80::1%eth0`); the address of the board's page is taken for its host.
 *
 * @returns Undefined when it is none, or a URL with more in it than a host.
 */
export function parseHost(text: string): string | undefined {
  const [, secure, plain] = URL_OF_HOST.exec(text) ?? [];
  const inUrl = secure ?? plain;
  // In a URL the sign before the interface is written as %25 (RFC 6874).
  const host = inUrl === undefined ? text : inUrl.replace('%25', '%');
  const inner = /^\[(.*)\]$/.exec(host)?.[1];
  if (inner !== undefined) return isIPv6(inner) ? inner : undefined;
  if (inUrl !== undefined && isIPv6(host)) return undefined; // without brackets it is not known where a port begins
  return isIP(host) !== 0 || isHostName(host) ? host : undefined;
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
