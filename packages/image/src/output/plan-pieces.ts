import type { FileHandle } from 'node:fs/promises';
import type { DiskRange } from '../disk/overlay-disk.js';
import type { XzDisk } from '../disk/xz-disk.js';
import type { XzCheck } from '../xz/xz-check.js';
import type { XzBlock } from '../xz/xz-layout.js';

/** A block of the new file: where its bytes are now, and where its data lies in the image. */
export interface PlannedBlock {
  readonly file: FileHandle;
  readonly path: string;
  readonly block: XzBlock;
  /** Where its data lies in the image, in bytes. */
  readonly rawOffset: number;
  /** Whether its data changed, so that it has to be encoded anew. */
  readonly dirty: boolean;
}

/** One stream of the new file. */
export interface PlannedStream {
  readonly check: XzCheck;
  readonly pieces: readonly PlannedBlock[];
}

/**
 * Decides what the new file is made of: every untouched block of the base, and the pieces of the touched ones.
 *
 * @param dirty - Changed ranges in order.
 * @throws ImageError when a touched block cannot be decoded; the reason of the signal.
 */
export async function planPieces(
  base: XzDisk,
  dirty: readonly DiskRange[],
  signal: AbortSignal,
): Promise<PlannedStream[]> {
  const touches = rangeLookup(dirty);
  const prepared = new Map<XzBlock, Promise<XzDisk | undefined>>();
  for (const block of base.layout.blocks) {
    if (touches(block.rawOffset, block.rawBytes)) prepared.set(block, base.piecesOf(block));
  }
  await Promise.all(prepared.values());
  signal.throwIfAborted();
  const plan: PlannedStream[] = [];
  for (const { check, blocks } of base.layout.streams) {
    const pieces: PlannedBlock[] = [];
    for (const block of blocks) {
      const source = (await prepared.get(block)) ?? base;
      const origin = source === base ? 0 : block.rawOffset;
      for (const piece of source === base ? [block] : source.layout.blocks) {
        const rawOffset = origin + piece.rawOffset;
        const dirtyPiece = prepared.has(block) && touches(rawOffset, piece.rawBytes);
        pieces.push({ file: source.file, path: source.path, block: piece, rawOffset, dirty: dirtyPiece });
      }
    }
    plan.push({ check, pieces });
  }
  return plan;
}

/** Tells whether a range meets any of some ordered ranges. */
function rangeLookup(ranges: readonly DiskRange[]): (offset: number, length: number) => boolean {
  return (offset, length) => {
    let low = 0;
    let high = ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const range = ranges[middle];
      if (range && range.offset + range.length <= offset) low = middle + 1;
      else high = middle;
    }
    const next = ranges[low];
    return next !== undefined && next.offset < offset + length;
  };
}
