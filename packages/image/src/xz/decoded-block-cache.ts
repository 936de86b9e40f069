import type { DecodedBlock } from './decoded-block.js';
import type { XzBlock } from './xz-layout.js';

export interface DecodedBlockCacheOptions {
  /** Bound of decoded data in memory. Default 32 MiB. */
  readonly memoryBytes?: number;
  /** Bound of decoded data in scratch files. Default 1 GiB. */
  readonly scratchBytes?: number;
  /** Bound of what decoders that are kept waiting take. Default 128 MiB, which is 16 with the dictionary of `xz -6`. */
  readonly decoderBytes?: number;
}

/** A decoder is a process of its own, whatever its dictionary. */
const LEAST_DECODER_BYTES = 4 * 1024 * 1024;

interface Entry {
  readonly decoded: Promise<DecodedBlock>;
  size: DecodedBlock | undefined;
  users: number;
  evicted: boolean;
  finishing: boolean;
}

/** The decoded blocks used last, within bounds of memory and scratch space; may be shared by several files. */
export class DecodedBlockCache implements AsyncDisposable {
  /** In order of use, oldest first. */
  readonly #entries = new Map<XzBlock, Entry>();
  readonly #memoryBytes: number;
  readonly #scratchBytes: number;
  readonly #decoderBytes: number;
  readonly #uses = new Set<Promise<unknown>>();
  readonly #disposals = new Set<Promise<void>>();

  constructor(options: DecodedBlockCacheOptions = {}) {
    this.#memoryBytes = options.memoryBytes ?? 32 * 1024 * 1024;
    this.#scratchBytes = options.scratchBytes ?? 1024 * 1024 * 1024;
    this.#decoderBytes = options.decoderBytes ?? 128 * 1024 * 1024;
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
    const use = this.#use(block, decode, task);
    this.#uses.add(use);
    try {
      return await use;
    } finally {
      this.#uses.delete(use);
    }
  }

  /** Decodes a block to its end. */
  async finish(block: XzBlock, decode: () => Promise<DecodedBlock>): Promise<void> {
    await this.use(block, decode, async (decoded) => {
      const entry = this.#entries.get(block);
      if (entry) entry.finishing = true;
      await decoded.finish();
    });
  }

  /** Waits for who still uses a block, such as a reader that nobody waits for: there are signals to end them. */
  async [Symbol.asyncDispose](): Promise<void> {
    while (this.#uses.size > 0) await Promise.allSettled(this.#uses);
    for (const [block, entry] of [...this.#entries]) this.#evict(block, entry);
    await Promise.all(this.#disposals);
  }

  async #use<T>(
    block: XzBlock,
    decode: () => Promise<DecodedBlock>,
    task: (decoded: DecodedBlock) => Promise<T>,
  ): Promise<T> {
    const entry = this.#entries.get(block) ?? {
      decoded: decode(),
      size: undefined,
      users: 0,
      evicted: false,
      finishing: false,
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
      const result = await task(decoded);
      this.#finishBeyondBound();
      return result;
    } catch (error) {
      this.#evict(block, entry); // a failure is not remembered: the next reader tries again
      throw error;
    } finally {
      entry.users--;
      if (entry.evicted) this.#disposeUnused(entry);
    }
  }

  /** Lets the decoders that waited longest run to their end, so that there are not ever more of them. */
  #finishBeyondBound(): void {
    let bytes = 0;
    for (const [block, { decoded, size, finishing }] of [...this.#entries].reverse()) {
      if (size?.decoderBytes === undefined || finishing) continue;
      const newest = bytes === 0;
      bytes += Math.max(size.decoderBytes, LEAST_DECODER_BYTES);
      if (newest || bytes <= this.#decoderBytes) continue;
      this.finish(block, () => decoded).catch(() => undefined); // whoever reads it later meets the failure
    }
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
    const forget = (): boolean => this.#disposals.delete(disposal);
    disposal.then(forget, forget); // a failure is told by whoever disposes of the cache, if it waits for this one
  }
}
