import type { FileHandle } from 'node:fs/promises';
import { ImageError } from '../image-error.js';
import type { BlockStore } from './block-store.js';
import type { XzBlock } from './xz-layout.js';

export interface BlockPiecesOptions<Disk> {
  readonly store: BlockStore;
  /** What a block's pieces are found by. */
  readonly keyOf: (block: XzBlock) => Promise<string>;
  /** Opens a file of pieces; undefined when it cannot be that block's. */
  readonly open: (path: string, block: XzBlock) => Promise<Disk | undefined>;
  readonly signal: AbortSignal;
}

/** Large blocks cut into pieces, which are kept between runs: each is looked for once, and opened once. */
export class BlockPieces<Disk extends AsyncDisposable> implements AsyncDisposable {
  readonly #options: BlockPiecesOptions<Disk>;
  readonly #found = new Map<XzBlock, Promise<Disk | undefined>>();
  readonly #made = new Map<XzBlock, Promise<Disk>>();

  constructor(options: BlockPiecesOptions<Disk>) {
    this.#options = options;
  }

  /** The pieces of a block that are being made, or were made in this run; undefined for others. */
  made(block: XzBlock): Promise<Disk> | undefined {
    return this.#made.get(block);
  }

  /** The pieces of a block that an earlier run made, if any. */
  find(block: XzBlock): Promise<Disk | undefined> {
    const found = this.#found.get(block) ?? this.#lookUp(block);
    this.#found.set(block, found);
    return found;
  }

  /**
   * The pieces of a block, found or made.
   *
   * @param cut - Writes them as an .xz file.
   * @throws ImageError `IMAGE_HOST_NO_SPACE`, `IMAGE_WRITE_FAILED`; what `cut` throws.
   */
  async of(block: XzBlock, cut: (target: FileHandle) => Promise<void>): Promise<Disk> {
    const making = this.#made.get(block);
    if (making) return making;
    const found = this.find(block);
    const made = found.then((pieces) => pieces ?? this.#make(block, cut));
    this.#made.set(block, made);
    made.catch(() => this.#made.delete(block));
    return made;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await Promise.allSettled([...this.#made.values(), ...this.#found.values()]);
    const disks = opened.map((result) => (result.status === 'fulfilled' ? result.value : undefined));
    for (const disk of new Set(disks)) await disk?.[Symbol.asyncDispose]();
  }

  async #lookUp(block: XzBlock): Promise<Disk | undefined> {
    const { store, keyOf, open, signal } = this.#options;
    const path = await store.find(await keyOf(block), 'xz', signal);
    return path === undefined ? undefined : open(path, block);
  }

  async #make(block: XzBlock, cut: (target: FileHandle) => Promise<void>): Promise<Disk> {
    const { store, keyOf, open, signal } = this.#options;
    const path = await store.add(await keyOf(block), 'xz', signal, cut);
    const pieces = await open(path, block);
    if (!pieces) throw new ImageError('IMAGE_WRITE_FAILED', `${path} did not keep what was written to it`);
    return pieces;
  }
}
