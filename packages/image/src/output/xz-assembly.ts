import { CleanupStack } from '@turingpi/core/plugin';
import { segmentLength, type FileSegment } from '../disk/file-segment.js';
import type { OverlayDisk } from '../disk/overlay-disk.js';
import type { XzDisk } from '../disk/xz-disk.js';
import { renderIndex } from '../xz/xz-index.js';
import { renderStreamFooter, renderStreamHeader } from '../xz/xz-stream-frame.js';
import { encodePieces } from './encode-pieces.js';
import { planPieces, type PlannedBlock } from './plan-pieces.js';

/** A new .xz file that exists as a list of parts: most of them ranges of the base. */
export interface XzAssembly extends AsyncDisposable {
  readonly segments: readonly FileSegment[];
  readonly lengthBytes: number;
  readonly rawSizeBytes: number;
  /** The blocks in order, and the file each comes from. */
  readonly blocks: readonly PlannedBlock[];
}

/**
 * Puts an edited image together: untouched blocks of the base as they are, touched ones in small pieces of which only
 * the changed ones are encoded.
 *
 * @param overlay - The edits, over `base`; undefined for none.
 * @throws ImageError `IMAGE_CORRUPT`, `IMAGE_HOST_NO_SPACE`; the reason of the signal.
 */
export async function assembleXz(
  base: XzDisk,
  overlay: OverlayDisk | undefined,
  signal: AbortSignal,
): Promise<XzAssembly> {
  const cleanup = new CleanupStack();
  try {
    const plan = await planPieces(base, overlay?.dirtyRanges() ?? [], signal);
    const encoded = overlay
      ? await encodePieces(base, overlay, plan, cleanup, signal)
      : new Map<never, never>();
    const segments: FileSegment[] = [];
    const blocks: PlannedBlock[] = [];
    for (const stream of plan) {
      const placed = stream.pieces.map((piece) => encoded.get(piece) ?? piece);
      const index = renderIndex(placed.map(({ block }) => block));
      segments.push({ bytes: renderStreamHeader(stream.check) });
      segments.push(...placed.map(segmentOf));
      segments.push({ bytes: Buffer.concat([index, renderStreamFooter(stream.check, index.length)]) });
      blocks.push(...placed);
    }
    const joined = joinNeighbours(segments);
    return {
      segments: joined,
      lengthBytes: joined.reduce((sum, segment) => sum + segmentLength(segment), 0),
      rawSizeBytes: base.sizeBytes,
      blocks,
      [Symbol.asyncDispose]: () => cleanup[Symbol.asyncDispose](),
    };
  } catch (error) {
    await cleanup[Symbol.asyncDispose]();
    throw error;
  }
}

function segmentOf({ file, path, block }: PlannedBlock): FileSegment {
  return { file, path, offset: block.fileOffset, length: block.paddedBytes };
}

function joinNeighbours(segments: readonly FileSegment[]): FileSegment[] {
  const joined: FileSegment[] = [];
  for (const segment of segments) {
    const last = joined.at(-1);
    const follows =
      last &&
      'file' in last &&
      'file' in segment &&
      last.file === segment.file &&
      last.offset + last.length === segment.offset;
    if (follows) joined[joined.length - 1] = { ...last, length: last.length + segment.length };
    else joined.push(segment);
  }
  return joined;
}
