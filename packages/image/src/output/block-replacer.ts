import { overlapsAny, type DiskRange, type OverlayDisk } from '../disk/overlay-disk.js';
import type { XzDisk } from '../xz/xz-disk.js';
import { ImageError } from '../image-error.js';
import type { LocatedBlock } from '../xz/located-block.js';
import type { PieceEncoder } from '../xz/piece-encoder.js';
import type { XzBlock } from '../xz/xz-layout.js';

/** What takes the place of touched blocks: one or more blocks for each. */
type Replacements = Map<XzBlock, Promise<LocatedBlock[]>>;

/** Encoders that should all have work. */
const PARALLEL_ENCODERS = 2;
/** Bounds what is in memory for one encoder, and how much work an abort throws away. */
const MAX_BLOCKS_PER_RUN = 16;

/** Makes what takes the place of the touched blocks of a base, all of them at once, off the main thread. */
export class BlockReplacer implements AsyncDisposable {
  readonly #replacements: Replacements;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #encoder: PieceEncoder;
  readonly #overlay: OverlayDisk | undefined;
  readonly #dirty: readonly DiskRange[];

  constructor(base: XzDisk, overlay: OverlayDisk | undefined, signal: AbortSignal) {
    this.#signal = AbortSignal.any([signal, this.#stop.signal]);
    this.#encoder = base.pieceEncoder(this.#signal);
    this.#overlay = overlay;
    this.#dirty = overlay?.dirtyRanges() ?? [];
    this.#replacements = this.#replaceTouched(base, 0);
  }

  /** What takes the place of a block of the base; undefined when it stays. */
  replacementOf(block: XzBlock): Promise<LocatedBlock[]> | undefined {
    return this.#replacements.get(block);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new ImageError('IMAGE_WRITE_FAILED', 'The image was closed while it was being written'));
    await Promise.allSettled(this.#replacements.values());
    await this.#encoder[Symbol.asyncDispose]();
  }

  /** @param diskOffset - Where the disk begins in the image: a disk of pieces is one block of another. In bytes. */
  #replaceTouched(disk: XzDisk, diskOffset: number): Replacements {
    const replacements: Replacements = new Map();
    const small: XzBlock[] = [];
    for (const block of disk.layout.blocks) {
      const rawOffset = diskOffset + block.rawOffset;
      if (!overlapsAny(this.#dirty, rawOffset, block.rawBytes)) continue;
      if (disk.isCutIntoPieces(block)) replacements.set(block, this.#replaceByPieces(disk, block, rawOffset));
      else small.push(block);
    }
    for (const run of inRuns(small)) {
      const encoded = this.#encode(run, diskOffset);
      for (const [index, block] of run.entries()) {
        const one = encoded.then((blocks) => blocks.slice(index, index + 1));
        replacements.set(block, one);
      }
    }
    for (const replacement of replacements.values()) {
      // Whoever reads the parts meets the failure in its place; the other encoders need not go on.
      replacement.catch((error: unknown) => this.#stop.abort(error));
    }
    return replacements;
  }

  /** A piece may be large itself: what came before the first edit of an earlier time. It is cut in its turn. */
  async #replaceByPieces(disk: XzDisk, block: XzBlock, rawOffset: number): Promise<LocatedBlock[]> {
    const end = rawOffset + block.rawBytes;
    const first = this.#dirty.find(({ offset, length }) => offset < end && offset + length > rawOffset);
    const pieces = await disk.piecesOf(block, Math.max(0, (first?.offset ?? rawOffset) - rawOffset));
    this.#signal.throwIfAborted();
    const replacements = this.#replaceTouched(pieces, rawOffset);
    await Promise.allSettled(replacements.values()); // none is left at work when another one fails
    const located: LocatedBlock[] = [];
    for (const piece of pieces.layout.blocks) {
      const kept = { file: pieces.file, path: pieces.path, block: piece };
      located.push(...((await replacements.get(piece)) ?? [kept]));
    }
    return located;
  }

  #encode(blocks: readonly XzBlock[], diskOffset: number): Promise<LocatedBlock[]> {
    const overlay = this.#overlay;
    const read = async (): Promise<Buffer[]> =>
      overlay
        ? Promise.all(blocks.map(({ rawOffset, rawBytes }) => overlay.read(diskOffset + rawOffset, rawBytes)))
        : [];
    return this.#encoder.encode(read, blocks[0]?.check ?? 'none');
  }
}

/** Blocks in runs for one encoder each: of one check, and so that all encoders have work. */
function inRuns(blocks: readonly XzBlock[]): XzBlock[][] {
  const even = Math.max(1, Math.ceil(blocks.length / PARALLEL_ENCODERS));
  const size = Math.min(MAX_BLOCKS_PER_RUN, even);
  const runs: XzBlock[][] = [];
  for (const block of blocks) {
    const run = runs.at(-1);
    if (run && run.length < size && run[0]?.check === block.check) run.push(block);
    else runs.push([block]);
  }
  return runs;
}
