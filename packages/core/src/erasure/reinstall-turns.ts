import { ErasureError, type NodeId, Mutex } from '@turingpi/foundation';

/**
 * Finished nodes are reinstalled one at a time, each up again before the next is touched; after the first failure the
 * others keep their systems.
 */
export class ReinstallTurns {
  readonly #turn = new Mutex();
  #holder: { readonly node: NodeId; readonly end: () => void } | undefined;
  #failed: NodeId | undefined;
  #goesOn = false;

  /**
   * Waits for the node's turn; it lasts until {@link end}.
   *
   * @throws ErasureError `REINSTALL_STOPPED` when one before it failed.
   */
  async take(node: NodeId, signal: AbortSignal): Promise<void> {
    if (this.#holder?.node === node) return;
    const end = await this.#turn.acquire(signal);
    if (this.#failed !== undefined && !this.#goesOn) {
      end();
      throw new ErasureError(
        'REINSTALL_STOPPED',
        `node ${node} keeps its system: node ${this.#failed} before it could not be reinstalled`,
        { hint: `Look at node ${this.#failed} first; then run again.`, details: { failed: this.#failed } },
      );
    }
    this.#holder = { node, end };
  }

  /** Whether a node has its turn: it had a finished installation, which was erased, or is about to be. */
  has(node: NodeId): boolean {
    return this.#holder?.node === node;
  }

  /** Ends the turn of a node, if it has it. */
  end(node: NodeId, succeeded: boolean): void {
    if (this.#holder?.node !== node) return;
    const { end } = this.#holder;
    this.#holder = undefined;
    if (!succeeded) this.#failed = node;
    end();
  }

  /** Forgets a failure: another run begins. @param goesOn - whether a failure changes nothing for the others */
  reset(goesOn = false): void {
    this.#failed = undefined;
    this.#goesOn = goesOn;
  }
}
