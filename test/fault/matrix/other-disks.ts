import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { NODE_IDS, type NodeId } from '@turingpi/foundation';
import type { VirtualBoard } from '@turingpi/virtual-board';

/** What lies on the storage of every module but the target: nobody in a cell may change it. */
export class OtherDisks {
  private constructor(
    private readonly board: VirtualBoard,
    private readonly digests: ReadonlyMap<NodeId, string>,
  ) {}

  static async of(board: VirtualBoard, target: NodeId): Promise<OtherDisks> {
    const digests = new Map<NodeId, string>();
    for (const id of NODE_IDS) if (id !== target) digests.set(id, await digestOf(board, id));
    return new OtherDisks(board, digests);
  }

  /** The modules whose storage is not as it was. */
  async changed(): Promise<readonly NodeId[]> {
    const changed: NodeId[] = [];
    for (const [id, before] of this.digests)
      if ((await digestOf(this.board, id)) !== before) changed.push(id);
    return changed;
  }
}

async function digestOf(board: VirtualBoard, node: NodeId): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(board.nodes[node - 1]!.emmc!)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
