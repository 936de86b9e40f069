import type { NodeId } from '@turingpi/foundation';

/**
 * Where nodes of a board are while a run gives them other addresses: their records say it when all that changes is done.
 * Another node of the run that is to have an address finds here that it was left.
 */
export class NodeAddresses {
  readonly #now = new Map<NodeId, string>();

  /** Undefined: where its record says. */
  of(id: NodeId): string | undefined {
    return this.#now.get(id);
  }

  /** A node has an address for good: also after a restart. */
  moved(id: NodeId, address: string): void {
    this.#now.set(id, address);
  }

  /** From now on its record says where it is. */
  forget(id: NodeId): void {
    this.#now.delete(id);
  }
}
