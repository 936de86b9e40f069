import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { JudgedLine, NodeId } from '@turingpi/foundation';

/**
 * What the ledger of a judged run holds so far: approved erasures, and the nodes that are named now.
 *
 * @remarks Read at once where it is asked, since what is judged happens at that moment; only what was added is read.
 */
export class LedgerView {
  readonly #erasures: { readonly node: NodeId; readonly board: string | undefined }[] = [];
  readonly #named = new Map<string, readonly NodeId[]>();
  #offset = 0;
  /** A line whose end was not there yet. */
  #rest = Buffer.alloc(0);

  constructor(private readonly file: string) {}

  /** Number of the last erasure that was approved for a node of this board, counted from one; 0 when there is none. */
  lastErasure(node: NodeId, boardIds: readonly string[]): number {
    this.#readOn();
    return (
      1 +
      this.#erasures.findLastIndex(
        (entry) => entry.node === node && (entry.board === undefined || boardIds.includes(entry.board)),
      )
    );
  }

  /** Whether somebody has named the node and is not done with it. */
  isNamed(node: NodeId): boolean {
    this.#readOn();
    return [...this.#named.values()].some((nodes) => nodes.includes(node));
  }

  #readOn(): void {
    const added = this.#added();
    if (added.length === 0) return;
    const text = Buffer.concat([this.#rest, added]);
    const end = text.lastIndexOf(0x0a) + 1;
    this.#rest = Buffer.from(text.subarray(end));
    for (const line of text.toString('utf8', 0, end).split('\n'))
      if (line !== '') this.#take(JSON.parse(line) as JudgedLine);
  }

  #take(line: JudgedLine): void {
    if ('named' in line) this.#named.set(line.scope, line.named);
    else if ('ended' in line) this.#named.delete(line.ended);
    else this.#erasures.push({ node: line.node, board: line.board });
  }

  #added(): Buffer {
    let file: number;
    try {
      file = openSync(this.file, 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
      throw error;
    }
    try {
      const added = Buffer.alloc(Math.max(0, fstatSync(file).size - this.#offset));
      const length = readSync(file, added, 0, added.length, this.#offset);
      this.#offset += length;
      return added.subarray(0, length);
    } finally {
      closeSync(file);
    }
  }
}
