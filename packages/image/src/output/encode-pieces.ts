import type { CleanupStack } from '@turingpi/core/plugin';
import type { ReadableDisk } from '../disk/disk.js';
import { ScratchFile } from '../disk/scratch-file.js';
import { XZ_PIECE_BYTES, type XzDisk } from '../disk/xz-disk.js';
import { ImageError } from '../image-error.js';
import { ConcurrencyLimit } from '../xz/concurrency-limit.js';
import { readXzLayout } from '../xz/xz-layout.js';
import type { PlannedBlock, PlannedStream } from './plan-pieces.js';

const PARALLEL_ENCODERS = 2;
/** Bounds the arguments of one encoder, and how much work an abort throws away. */
const MAX_PIECES_PER_RUN = 64;

/**
 * Encodes the dirty pieces of a plan, several at a time, into scratch files.
 *
 * @param cleanup - Gets the scratch files.
 * @returns For each dirty piece, the block that takes its place.
 */
export async function encodePieces(
  base: XzDisk,
  edited: ReadableDisk,
  plan: readonly PlannedStream[],
  cleanup: CleanupStack,
  signal: AbortSignal,
): Promise<Map<PlannedBlock, PlannedBlock>> {
  const limit = new ConcurrencyLimit(PARALLEL_ENCODERS);
  const replaced = new Map<PlannedBlock, PlannedBlock>();
  const runs = plan.flatMap(({ pieces }) => batches(pieces.filter((piece) => piece.dirty)));
  const failing = new AbortController();
  const either = AbortSignal.any([signal, failing.signal]);
  const results = await Promise.allSettled(
    runs.map((pieces) =>
      limit.run(async () => {
        try {
          await encodeRun(base, edited, pieces, cleanup, either, replaced);
        } catch (error) {
          failing.abort(error); // the others have nothing to work for any more
          throw error;
        }
      }),
    ),
  );
  signal.throwIfAborted();
  failing.signal.throwIfAborted();
  if (results.some((result) => result.status === 'rejected'))
    throw new Error('unreachable: a failure aborts');
  return replaced;
}

async function encodeRun(
  base: XzDisk,
  edited: ReadableDisk,
  pieces: readonly PlannedBlock[],
  cleanup: CleanupStack,
  signal: AbortSignal,
  replaced: Map<PlannedBlock, PlannedBlock>,
): Promise<void> {
  signal.throwIfAborted();
  const [first] = pieces;
  if (!first) return;
  const scratch = cleanup.use('remove encoded pieces', await ScratchFile.create(base.cacheDir));
  const raw = async function* (): AsyncGenerator<Buffer, void, undefined> {
    for (const { rawOffset, block } of pieces) {
      for (let done = 0; done < block.rawBytes; done += XZ_PIECE_BYTES) {
        yield await edited.read(rawOffset + done, Math.min(XZ_PIECE_BYTES, block.rawBytes - done));
      }
    }
  };
  const blockBytes = pieces.map(({ block }) => block.rawBytes);
  await base.codec.encodeToFile(raw(), scratch.handle, { check: first.block.check, blockBytes, signal });
  const { size } = await scratch.handle.stat();
  const layout = await readXzLayout(scratch.handle, scratch.path, size);
  for (const [index, piece] of pieces.entries()) {
    const block = layout.blocks[index];
    if (block?.rawBytes !== piece.block.rawBytes) {
      throw new ImageError(
        'IMAGE_WRITE_FAILED',
        'The xz encoder did not cut its output into the blocks asked for',
      );
    }
    replaced.set(piece, { ...piece, file: scratch.handle, path: scratch.path, block });
  }
}

/** Shares pieces out so that all encoders have work, and none too much at once. */
function batches(pieces: readonly PlannedBlock[]): PlannedBlock[][] {
  const size = Math.min(MAX_PIECES_PER_RUN, Math.max(1, Math.ceil(pieces.length / PARALLEL_ENCODERS)));
  const runs: PlannedBlock[][] = [];
  for (let start = 0; start < pieces.length; start += size) runs.push(pieces.slice(start, start + size));
  return runs;
}
