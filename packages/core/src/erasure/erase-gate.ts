import type { NodeId, Erasure } from '@turingpi/foundation';
import { type EraseApproval, isApproved, isApprover } from './erase-approval.js';

interface Waiting {
  readonly erasure: Erasure;
  readonly answer: (approved: boolean) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Where the nodes of a run come to have their erasures approved. Who wants to be asked once for all nodes is asked when
 * each node of the run has come here, or will not come.
 */
export class EraseGate {
  /** Nodes of this run that may still come. */
  readonly #expected = new Set<NodeId>();
  readonly #waiting = new Map<NodeId, Waiting>();

  constructor(private readonly approval: EraseApproval) {}

  /** Whether the answer depends on what is known of a disk; else nobody needs to be asked at the node's address. */
  get looksAtEvidence(): boolean {
    return this.approval === 'new' || typeof this.approval === 'function' || isApprover(this.approval);
  }

  /** Announces a node that may come. */
  expect(node: NodeId): void {
    this.#expected.add(node);
  }

  /** Tells that a node will not come: it has nothing to erase, or ended. */
  async release(node: NodeId): Promise<void> {
    this.#expected.delete(node);
    await this.#askWhenAllAreHere();
  }

  /** @returns Whether the erasure is approved. */
  async request(erasure: Erasure, signal: AbortSignal): Promise<boolean> {
    if (!isApprover(this.approval)) return isApproved(this.approval, erasure);
    signal.throwIfAborted();
    const answered = new Promise<boolean>((answer, fail) => {
      this.#waiting.set(erasure.node, { erasure, answer, fail });
    });
    const stop = () => this.#waiting.get(erasure.node)?.fail(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    try {
      this.#expected.delete(erasure.node);
      await this.#askWhenAllAreHere();
      return await answered;
    } finally {
      signal.removeEventListener('abort', stop);
      this.#waiting.delete(erasure.node);
    }
  }

  async #askWhenAllAreHere(): Promise<void> {
    if (this.#expected.size > 0 || this.#waiting.size === 0 || !isApprover(this.approval)) return;
    const asked = [...this.#waiting.values()];
    this.#waiting.clear();
    try {
      const approved = await this.approval.decide(
        asked.map(({ erasure }) => erasure).sort((one, other) => one.node - other.node),
      );
      for (const { erasure, answer } of asked) answer(approved.includes(erasure.node));
    } catch (error) {
      for (const { fail } of asked) fail(error);
    }
  }
}
