import { parseHost } from '@turingpi/foundation';
import { InvalidArgumentError } from 'commander';

/** A port number as an option says it. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('a port is 0 to 65535');
  return port;
}

/** An address or a host name as an option says it; IPv6 also in the brackets of a URL. */
export function parseHostArgument(text: string): string {
  const host = parseHost(text);
  if (host === undefined)
    throw new InvalidArgumentError(
      'a host is an IP address or a host name, or the address of the page of the board; a port is given with --port',
    );
  return host;
}

/** A partition as an option says it: a number, or a label, name or GUID. */
export function parsePartition(text: string): string | number {
  return /^\d+$/.test(text) ? Number(text) : text;
}

/** Seconds as an option says them: whole ones, at least one, and no more than a timer can wait. */
export function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!/^\d+$/.test(text) || seconds < 1 || seconds > MOST_SECONDS)
    throw new InvalidArgumentError(`a number of seconds from 1 to ${MOST_SECONDS}`);
  return seconds;
}

/** Beyond some 24 days a timer fires at once. */
const MOST_SECONDS = 2_000_000;
