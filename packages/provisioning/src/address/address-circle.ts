import type { NodeId } from '@turingpi/foundation';

/** Where a node is, and where it is to be. */
export interface AddressChange {
  readonly now: string;
  readonly wanted: string;
}

/**
 * The nodes that wait for each other's addresses in a circle that a node is in: each is to have the address of the next one.
 *
 * @returns Them all, beginning with the node; empty where it is in none.
 */
export function addressCircle(id: NodeId, nodes: ReadonlyMap<NodeId, AddressChange>): readonly NodeId[] {
  const circle: NodeId[] = [id];
  for (;;) {
    const wanted = nodes.get(circle.at(-1) ?? id)?.wanted;
    const holder = [...nodes].find(([, { now }]) => now === wanted)?.[0];
    if (holder === id && circle.length > 1) return circle;
    if (holder === undefined || circle.includes(holder)) return [];
    circle.push(holder);
  }
}
