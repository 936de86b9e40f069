import type { Erasure, NodeId } from '@turingpi/foundation';
import type { EraseApprover } from './erase-approval.js';

interface Waiting {
  readonly erasure: Erasure;
  readonly approver: EraseApprover;
  readonly answer: (approved: boolean) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Where the nodes of a run meet, of one board or of several, so that who approves is asked once for all: when each of
 * them has come here, or will not come.
 */
export class EraseMeeting {
  /** Nodes of this run that may still come. */
  readonly #expected = new Set<string>();
  readonly #waiting = new Map<string, Waiting>();

  /** Announces a node that may come. @param board - its name, where there are several */
  expect(node: NodeId, board: string | undefined): void {
    this.#expected.add(nameOf(node, board));
  }

  /** Tells that a node will not come: it has nothing to erase, or ended. */
  async release(node: NodeId, board: string | undefined): Promise<void> {
    this.#expected.delete(nameOf(node, board));
    await this.#askWhenAllAreHere();
  }

  /** @returns Whether the erasure is approved. */
  async request(erasure: Erasure, approver: EraseApprover, signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    const name = nameOf(erasure.node, erasure.boardName);
    const answered = new Promise<boolean>((answer, fail) => {
      this.#waiting.set(name, { erasure, approver, answer, fail });
    });
    const stop = () => this.#waiting.get(name)?.fail(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    try {
      this.#expected.delete(name);
      await this.#askWhenAllAreHere();
      return await answered;
    } finally {
      signal.removeEventListener('abort', stop);
      this.#waiting.delete(name);
    }
  }

  async #askWhenAllAreHere(): Promise<void> {
    if (this.#expected.size > 0 || this.#waiting.size === 0) return;
    const asked = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const approver of new Set(asked.map((one) => one.approver)))
      await decide(
        approver,
        asked.filter((one) => one.approver === approver),
      );
  }
}

async function decide(approver: EraseApprover, asked: readonly Waiting[]): Promise<void> {
  try {
    const erasures = asked.map(({ erasure }) => erasure).sort(inOrder);
    const approved = await approver.decide(erasures);
    for (const { erasure, answer } of asked) answer(approved.includes(erasure));
  } catch (error) {
    for (const { fail } of asked) fail(error);
  }
}

function inOrder(one: Erasure, other: Erasure): number {
  return (one.boardName ?? '').localeCompare(other.boardName ?? '', 'en') || one.node - other.node;
}

function nameOf(node: NodeId, board: string | undefined): string {
  return `${board ?? ''}/${node}`;
}
