import type { DecodedBlock } from './decoded-block.js';
import type { XzBlock } from './xz-layout.js';

export interface DecodedBlockCacheOptions {
  /** Bound of decoded data in memory. Default 32 MiB. */
  readonly memoryBytes?: number;
  /** Bound of decoded data in scratch files. Default 1 GiB. */
  readonly scratchBytes?: number;
}

interface Entry {
  readonly decoded: Promise<DecodedBlock>;
  size: DecodedBlock | undefined;
  users: number;
  evicted: boolean;
}

/** The decoded blocks used last, within bounds of memory and scratch space; may be shared by several files. */
export class DecodedBlockCache implements AsyncDisposable {
  /** In order of use, oldest first. */
  readonly #entries = new Map<XzBlock, Entry>();
  readonly #memoryBytes: number;
  readonly #scratchBytes: number;
  readonly #disposals = new Set<Promise<void>>();

  constructor(options: DecodedBlockCacheOptions = {}) {
    this.#memoryBytes = options.memoryBytes ?? 32 * 1024 * 1024;
    this.#scratchBytes = options.scratchBytes ?? 1024 * 1024 * 1024;
  }

  /** Tells whether a block is decoded, or being decoded. */
  has(block: XzBlock): boolean {
    return this.#entries.has(block);
  }

  /** Uses a decoded block, decoding it when absent; concurrent users share one decoding. */
  async use<T>(
    block: XzBlock,
    decode: () => Promise<DecodedBlock>,
    task: (decoded: DecodedBlock) => Promise<T>,
  ): Promise<T> {
    const entry = this.#entries.get(block) ?? {
      decoded: decode(),
      size: undefined,
      users: 0,
      evicted: false,
    };
    this.#entries.delete(block);
    this.#entries.set(block, entry);
    entry.users++;
    try {
      const decoded = await entry.decoded;
      if (!entry.size) {
        entry.size = decoded;
        this.#evictBeyondBounds();
      }
      return await task(decoded);
    } catch (error) {
      if (!entry.size) this.#evict(block, entry); // a failure is not remembered: the next reader tries again
      throw error;
    } finally {
      entry.users--;
      if (entry.evicted) this.#disposeUnused(entry);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const [block, entry] of [...this.#entries]) this.#evict(block, entry);
    await Promise.all(this.#disposals);
  }

  #evictBeyondBounds(): void {
    let memory = 0;
    let scratch = 0;
    for (const [block, entry] of [...this.#entries].reverse()) {
      memory += entry.size?.memoryBytes ?? 0;
      scratch += entry.size?.scratchBytes ?? 0;
      const over = memory > this.#memoryBytes || scratch > this.#scratchBytes;
      if (over && entry.size && entry.users === 0) {
        memory -= entry.size.memoryBytes;
        scratch -= entry.size.scratchBytes;
        this.#evict(block, entry);
      }
    }
  }

  #evict(block: XzBlock, entry: Entry): void {
    if (this.#entries.get(block) === entry) this.#entries.delete(block);
    entry.evicted = true;
    this.#disposeUnused(entry);
  }

  #disposeUnused(entry: Entry): void {
    if (entry.users > 0) return;
    const disposal = entry.decoded.then(
      (decoded) => decoded[Symbol.asyncDispose](),
      () => undefined,
    );
    this.#disposals.add(disposal);
    void disposal.finally(() => this.#disposals.delete(disposal));
  }
}
