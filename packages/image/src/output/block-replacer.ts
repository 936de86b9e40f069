import type { FileHandle } from 'node:fs/promises';
import { CleanupStack } from '@turingpi/core/plugin';
import { overlapsAny, type OverlayDisk } from '../disk/overlay-disk.js';
import { ScratchFile } from '../disk/scratch-file.js';
import { XZ_PIECE_BYTES, type XzDisk } from '../disk/xz-disk.js';
import { ImageError } from '../image-error.js';
import { ConcurrencyLimit } from '../xz/concurrency-limit.js';
import { readXzLayout, type XzBlock } from '../xz/xz-layout.js';

/** A block and the open file it is in. */
export interface LocatedBlock {
  readonly file: FileHandle;
  readonly path: string;
  readonly block: XzBlock;
}

/** A piece of the image that is to be encoded anew, in bytes of the image. */
interface ChangedPiece {
  readonly rawOffset: number;
  readonly rawBytes: number;
}

const PARALLEL_ENCODERS = 2;
/** Bounds the arguments of one encoder, and how much work an abort throws away. */
const MAX_PIECES_PER_RUN = 128;

/** Makes what takes the place of the touched blocks of a base, all of them at once, off the main thread. */
export class BlockReplacer implements AsyncDisposable {
  readonly #base: XzDisk;
  readonly #replacements = new Map<XzBlock, Promise<LocatedBlock[]>>();
  readonly #limit = new ConcurrencyLimit(PARALLEL_ENCODERS);
  readonly #scratch = new CleanupStack();
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;

  constructor(base: XzDisk, overlay: OverlayDisk | undefined, signal: AbortSignal) {
    this.#base = base;
    this.#signal = AbortSignal.any([signal, this.#stop.signal]);
    const dirty = overlay?.dirtyRanges() ?? [];
    const touched = base.layout.blocks.filter(({ rawOffset, rawBytes }) =>
      overlapsAny(dirty, rawOffset, rawBytes),
    );
    if (!overlay) return;
    for (const block of touched.filter((candidate) => base.isCutIntoPieces(candidate))) {
      this.#track(block, this.#replaceByPieces(block, overlay));
    }
    for (const group of inGroups(touched.filter((candidate) => !base.isCutIntoPieces(candidate)))) {
      const encoded = this.#encode(group, group[0]?.check ?? 'none', overlay);
      for (const [index, block] of group.entries()) {
        this.#track(
          block,
          encoded.then((blocks) => blocks.slice(index, index + 1)),
        );
      }
    }
  }

  /** What takes the place of a block of the base; undefined when it stays. */
  replacementOf(block: XzBlock): Promise<LocatedBlock[]> | undefined {
    return this.#replacements.get(block);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new ImageError('IMAGE_WRITE_FAILED', 'The image was closed while it was being written'));
    await Promise.allSettled(this.#replacements.values());
    await this.#scratch[Symbol.asyncDispose]();
  }

  #track(block: XzBlock, replacement: Promise<LocatedBlock[]>): void {
    // Whoever reads the parts meets the failure in its place; the other encoders need not go on.
    replacement.catch((error: unknown) => this.#stop.abort(error));
    this.#replacements.set(block, replacement);
  }

  async #replaceByPieces(block: XzBlock, overlay: OverlayDisk): Promise<LocatedBlock[]> {
    const pieces = await this.#base.piecesOf(block);
    this.#signal.throwIfAborted();
    const dirty = overlay.dirtyRanges();
    const changed = new Map<XzBlock, ChangedPiece>();
    for (const piece of pieces.layout.blocks) {
      const rawOffset = block.rawOffset + piece.rawOffset;
      if (overlapsAny(dirty, rawOffset, piece.rawBytes))
        changed.set(piece, { rawOffset, rawBytes: piece.rawBytes });
    }
    const keys = [...changed.keys()];
    const encoded = await this.#encode([...changed.values()], block.check, overlay);
    const replaced = new Map(keys.map((piece, index) => [piece, encoded[index]]));
    return pieces.layout.blocks.map(
      (piece) => replaced.get(piece) ?? { file: pieces.file, path: pieces.path, block: piece },
    );
  }

  async #encode(
    pieces: readonly ChangedPiece[],
    check: XzBlock['check'],
    overlay: OverlayDisk,
  ): Promise<LocatedBlock[]> {
    const runs: Promise<LocatedBlock[]>[] = [];
    for (let start = 0; start < pieces.length; start += MAX_PIECES_PER_RUN) {
      const run = pieces.slice(start, start + MAX_PIECES_PER_RUN);
      runs.push(this.#limit.run(() => this.#encodeRun(run, check, overlay)));
    }
    const settled = await Promise.allSettled(runs);
    return settled.flatMap((result) => {
      if (result.status === 'rejected') throw result.reason as Error;
      return result.value;
    });
  }

  async #encodeRun(
    pieces: readonly ChangedPiece[],
    check: XzBlock['check'],
    overlay: OverlayDisk,
  ): Promise<LocatedBlock[]> {
    const signal = this.#signal;
    signal.throwIfAborted();
    const { handle: file, path } = this.#scratch.use(
      'remove encoded pieces',
      await ScratchFile.create(this.#base.cacheDir),
    );
    const blockBytes = pieces.map(({ rawBytes }) => rawBytes);
    await this.#base.codec.encodeToFile(bytesOf(pieces, overlay), file, { check, blockBytes, signal });
    const { blocks } = await readXzLayout(file, path, (await file.stat()).size);
    if (
      blocks.length !== pieces.length ||
      blocks.some(({ rawBytes }, index) => rawBytes !== blockBytes[index])
    ) {
      throw new ImageError(
        'IMAGE_WRITE_FAILED',
        'The xz encoder did not cut its output into the blocks asked for',
      );
    }
    return blocks.map((block) => ({ file, path, block }));
  }
}

async function* bytesOf(
  pieces: readonly ChangedPiece[],
  overlay: OverlayDisk,
): AsyncGenerator<Buffer, void, undefined> {
  for (const { rawOffset, rawBytes } of pieces) {
    for (let done = 0; done < rawBytes; done += XZ_PIECE_BYTES) {
      yield await overlay.read(rawOffset + done, Math.min(XZ_PIECE_BYTES, rawBytes - done));
    }
  }
}

/** Small blocks in groups for one encoder each: of one check, and so that all encoders have work. */
function inGroups(blocks: readonly XzBlock[]): XzBlock[][] {
  const size = Math.min(MAX_PIECES_PER_RUN, Math.max(1, Math.ceil(blocks.length / PARALLEL_ENCODERS)));
  const groups: XzBlock[][] = [];
  for (const block of blocks) {
    const group = groups.at(-1);
    if (group && group.length < size && group[0]?.check === block.check) group.push(block);
    else groups.push([block]);
  }
  return groups;
}
