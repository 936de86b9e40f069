import type { BlockAllocator } from './block-allocator.js';
import type { BlockCache } from './block-cache.js';

/**
 * Gives the blocks for a mapping that is written anew: first those that the old one used, in the same order,
 * so that what did not change keeps its place and its bytes.
 */
export class NodeBlocks {
  #used = 0;
  readonly blocks: number[] = [];

  constructor(
    private readonly cache: BlockCache,
    private readonly allocator: BlockAllocator,
    private readonly old: readonly number[],
    private readonly goal: number,
  ) {}

  async take(): Promise<number> {
    const reused = this.old[this.#used];
    const block = reused ?? (await this.allocator.allocateOne(this.blocks.at(-1) ?? this.goal));
    if (reused !== undefined) this.#used++;
    this.blocks.push(block);
    return block;
  }

  /** Stores a node, unless the block holds it already. */
  async write(block: number, content: Buffer): Promise<void> {
    if (this.old.includes(block)) {
      if (content.equals(await this.cache.get(block))) return;
      content.copy(await this.cache.edit(block));
    } else content.copy(this.cache.create(block));
  }

  /** Frees old blocks that were not needed again. */
  async finish(): Promise<void> {
    await this.allocator.free(this.old.slice(this.#used).map((start) => ({ start, count: 1 })));
  }
}
