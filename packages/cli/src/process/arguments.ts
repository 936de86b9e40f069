import { type NodeId, NODE_IDS, parseHost } from '@turingpi/foundation';
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
      'a host is an IP address or a host name, without https:// and without a port',
    );
  return host;
}

/** Nodes named for something that stops them: as {@link parseNodeIds}, or `all`. */
export function parseNamedNodes(text: string): NodeId[] {
  return text.trim() === 'all' ? [...NODE_IDS] : parseNodeIds(text);
}

/** Nodes as an option says them: `2` or `1,3`, each once, in this order. */
export function parseNodeIds(text: string): NodeId[] {
  const ids = text.split(',').map((entry) => {
    const id = NODE_IDS.find((known) => String(known) === entry.trim());
    if (id === undefined) throw new InvalidArgumentError(`nodes are 1 to 4, not "${entry}"`);
    return id;
  });
  return [...new Set(ids)];
}

/** A partition as an option says it: a number, or a label, name or GUID. */
export function parsePartition(text: string): string | number {
  return /^\d+$/.test(text) ? Number(text) : text;
}
