import { type NodeId, NODE_IDS } from '@turingpi/core';
import { InvalidArgumentError } from 'commander';

/** A port number as an option says it. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('a port is 0 to 65535');
  return port;
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
